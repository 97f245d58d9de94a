// SPDX-License-Identifier: Apache-2.0
#include "studies/best_rates.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "files/atomic_file.hpp"
#include "folder.hpp"
#include "studies/small_sweep.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Writes the folder of a sweep that came to this.
void write_sweep(const std::string& folder, const SweepPlan& plan,
                 const std::function<JobRecord(const SweepJob&)>& outcome) {
  std::filesystem::create_directories(folder);
  write_file(folder + "/config.toml", plan.config_text);
  write_file(folder + "/sweep.json", plan_json(plan));
  Ledger ledger(folder + "/ledger.jsonl");
  for (const SweepJob& job : plan.jobs()) ledger.append(plan, job, outcome(job));
}

/// The best rate is 0.1 for rtrl, 1 for tbptt(L=3); hidden = 8 is better than 6.
JobRecord outcome(const SweepJob& job) {
  const double best = job.values[0] == "rtrl" ? 0.1 : 1, rate = std::stod(job.values[1]);
  return record_of(JobStatus::done, std::fabs(std::log10(rate / best)) + 1 / std::stod(job.values[2]));
}

const std::vector<std::string> axes = {"rule.name=rtrl,tbptt(L=3)", "optimizer.lr=0.01,0.1,1", "model.hidden=6,8"};

SweepPlan plan_of() {
  SweepPlan plan = small_plan(axes);
  plan.changes = {"update.every=5"};
  return plan;
}

/// The words of with_best_rates().
std::vector<std::string> best_rates(const Config& config, const std::vector<std::string>& rules,
                                    const std::string& folder, const std::vector<std::uint64_t>& seeds,
                                    std::vector<std::string>& warnings) {
  std::vector<std::string> words;
  for (const Method& method : with_best_rates(config, parse_methods("--rules", rules), folder, seeds, warnings))
    words.push_back(method.word);
  return words;
}

TEST(BestRates, AreWrittenIntoTheRules) {
  const Folder folder;
  const SweepPlan plan = plan_of();
  write_sweep(folder / "s", plan, outcome);
  std::vector<std::string> warnings;
  EXPECT_THAT(best_rates(plan.base(), {}, folder / "s", {7, 8}, warnings),
              ElementsAre("rtrl(optimizer.lr=0.1)", "tbptt(L=3, optimizer.lr=1)"));
  EXPECT_THAT(warnings,
              ElementsAre("tbptt(L=3): the best optimizer.lr, 1, is the largest that was tried. A better one may "
                          "lie beyond: extend the axis."));
  warnings.clear();
  EXPECT_THAT(best_rates(plan.base(), {"rtrl"}, folder / "s", {7}, warnings), ElementsAre("rtrl(optimizer.lr=0.1)"));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(BestRates, SayWhatIsUnfair) {
  const Folder folder;
  const SweepPlan plan = plan_of();
  write_sweep(folder / "s", plan,
              [](const SweepJob& job) { return job.number == 0 ? record_of(JobStatus::queued) : outcome(job); });
  std::vector<std::string> warnings;
  best_rates(plan.base().with({"train.updates=500", "task.lag1=2"}), {"rtrl"}, folder / "s", {5, 1}, warnings);
  EXPECT_THAT(warnings,
              ElementsAre("1 of 24 jobs of the sweep were not run to their end.",
                          "the sweep was made with other values of task.lag1, train.updates.",
                          "seed 1 was also used to choose the rates, which favours them. Other seeds are fairer."));
}

TEST(BestRates, OnlyCombinationsThatFitCount) {
  const Folder folder;
  const SweepPlan plan = plan_of();
  write_sweep(folder / "s", plan, [](const SweepJob& job) {
    // With 8 units another rate is best.
    return record_of(JobStatus::done, (job.values[2] == "8") == (job.values[1] == "0.01") ? 0 : 1);
  });
  std::vector<std::string> warnings;
  EXPECT_THAT(best_rates(plan.base().with({"model.hidden=8"}), {"rtrl"}, folder / "s", {7}, warnings),
              ElementsAre("rtrl(optimizer.lr=0.01)"));
  EXPECT_EQ(refusal([&] { best_rates(plan.base().with({"model.hidden=9"}), {"rtrl"}, folder / "s", {7}, warnings); }),
            "2 [--rates-from] the sweep in " + (folder / "s").string() +
                " has no finished run of rtrl that fits this configuration.");
  EXPECT_EQ(
      refusal([&] { best_rates(plan.base(), {"rflo"}, folder / "s", {7}, warnings); }),
      "2 [--rates-from] the sweep in " + (folder / "s").string() + " has no rule \"rflo\"; it has rtrl, tbptt(L=3).");
  EXPECT_EQ(refusal([&] { best_rates(plan.base(), {}, folder / "none", {7}, warnings); }),
            "4 [" + (folder / "none").string() +
                "] no sweep is recorded here: there is no sweep.json. Give the --out of a sweep.");
}

}  // namespace
}  // namespace chronograd
