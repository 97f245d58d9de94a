// SPDX-License-Identifier: Apache-2.0
// Watched rules are reset and fed like the rule that learns: every rule watched beside itself has the same gradient,
// with resets, masks, first states and noise, whatever the interval; and lent threads change no bit.
#include <gtest/gtest.h>

#include "chronograd/train.hpp"
#include "conformance/jumps.hpp"
#include "conformance/rule_pair.hpp"
#include "watcher.hpp"

namespace chronograd::conformance {
namespace {

class WatchedRules : public testing::TestWithParam<RulePair> {};

OracleProblem problem_for(const CellRecord& cell, int d, int B) {
  return checking::random_problem(91, {.cell = cell.entry.name,
                                       .activation = "tanh",
                                       .loss = "mse",
                                       .output = "identity",
                                       .layers = 2,
                                       .d = d,
                                       .n = 2,
                                       .m = 2,
                                       .B = B,
                                       .T = 11,
                                       .masked = true,
                                       .resets = true,
                                       .initial_state = true,
                                       .sparse = has_option(cell.entry, "density"),
                                       .noise = has_option(cell.entry, "noise"),
                                       .gain = 0.9});
}

RunResult watched(const RulePair& pair, const OracleProblem& p, int every, const std::string& word, int threads,
                  std::vector<Metrics>* reports = nullptr) {
  const Config config = config_of(pair, p, every)
                            .with({"watch.rules=" + word, "watch.every=1", "train.epochs=2", "train.report_every=1",
                                   "optimizer.lr=0.01"});
  const Arrays parameters = checking::problem_parameters(p);
  RunOptions options;
  options.parameters = &parameters;
  options.threads = threads;
  Watcher watcher;
  options.observer = &watcher;
  RunResult result = train(config, checking::ProblemTask(p), options);
  if (reports != nullptr) *reports = std::move(watcher.lines);
  return result;
}

TEST_P(WatchedRules, are_fed_like_the_one_that_learns) {
  const OracleProblem p = problem_for(*GetParam().cell, 4, 3);
  std::string word = GetParam().rule->entry.name, options;
  for (const auto& [key, value] : lively_options(*GetParam().rule))
    options += (options.empty() ? "" : ",") + key + "=" + value;
  if (!options.empty()) word += "(" + options + ")";
  for (const int every : intervals(*GetParam().rule)) {
    SCOPED_TRACE("every " + std::to_string(every));
    std::vector<Metrics> reports;
    const RunResult result = watched(GetParam(), p, every, word, 1, &reports);
    ASSERT_EQ(result.status, RunResult::Status::done);
    EXPECT_EQ(reports.size(), static_cast<std::size_t>(result.updates));
    int compared = 0;
    for (const Metrics& metrics : reports)
      for (const AlignedPair& pair : metrics.alignment) {
        if (!std::isfinite(pair.cosine)) continue;  // no gradient yet
        EXPECT_NEAR(pair.cosine, 1, 1e-10) << pair.group << ", update " << metrics.update;
        EXPECT_NEAR(pair.norm_ratio, 1, 1e-10) << pair.group << ", update " << metrics.update;
        ++compared;
      }
    if (word.starts_with("perturb") && jumps(*GetParam().cell)) continue;  // small changes of weights may move no spike
    EXPECT_EQ(compared > 0, word != "readout_only");
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, WatchedRules, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

TEST(WatchedRules, use_all_threads_to_the_same_bits) {
  const RulePair pair = {&find_record<RuleRecord>("rule.name", "bptt"),
                         &find_record<CellRecord>("model.cell", "leaky")};
  for (const auto& [d, B] : {std::pair(72, 2), {5, 96}}) {  // one shard lends them to rtrl, three are shared out
    const OracleProblem p = problem_for(*pair.cell, d, B);
    const RunResult one = watched(pair, p, 0, "[\"rtrl\", \"snap(n=1)\"]", 1),
                    three = watched(pair, p, 0, "[\"rtrl\", \"snap(n=1)\"]", 3);
    ASSERT_EQ(one.alignment.size(), three.alignment.size());
    for (std::size_t i = 0; i < one.alignment.size(); ++i) {
      EXPECT_EQ(one.alignment[i].cosine, three.alignment[i].cosine) << d;
      EXPECT_EQ(one.alignment[i].norm_ratio, three.alignment[i].norm_ratio) << d;
    }
    EXPECT_NEAR(one.alignment[0].cosine, 1, 1e-10);  // bptt beside rtrl
  }
}

}  // namespace
}  // namespace chronograd::conformance
