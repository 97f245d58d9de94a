// SPDX-License-Identifier: Apache-2.0
// A sweep chooses by the rows to validate on where there are any: the test chooses nothing.
#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/array.hpp"
#include "folder.hpp"
#include "studies/best_rates.hpp"
#include "studies/small_sweep.hpp"

namespace chronograd {
namespace {

/// One input that is 1, and a target.
std::string write_rows(const Folder& folder, const std::string& name, double target) {
  const std::string path = (folder / name).string();
  write_npz(path, {{"x", Array::of({4, 5, 1}, std::vector<double>(20, 1.0))},
                   {"y", Array::of({4, 5, 1}, std::vector<double>(20, target))}});
  return path;
}

/// Training and test want 1, the rows to validate on want the 0 that all weights begin near: the test would choose the
/// large rate.
SweepPlan plan_in(const Folder& folder, bool validates) {
  SweepPlan plan = small_plan({"optimizer.lr=0.0001,0.1"}, {0});
  plan.config_text =
      "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[update]\nevery=1\n[data]\ntrain='" +
      write_rows(folder, "train.npz", 1) + "'\ntest='" + write_rows(folder, "test.npz", 1) + "'\n" +
      (validates ? "validation='" + write_rows(folder, "validation.npz", 0) + "'\n" : "") + "[train]\nupdates=60\n";
  return plan;
}

TEST(SweepValidation, ChoosesAndTheTestDoesNot) {
  const Folder folder;
  for (const bool validates : {false, true}) {
    const SweepPlan plan = plan_in(folder, validates);
    const std::string place = (folder / (validates ? "with" : "without")).string();
    const Sweep sweep = run_sweep(plan, place, {});
    ASSERT_EQ(sweep.records.size(), 2U);
    const SweepSummary summary = summarise(sweep);
    ASSERT_EQ(summary.best.size(), 1U);
    EXPECT_EQ(summary.rows[summary.best[0]].values[0], validates ? "0.0001" : "0.1");
    std::vector<std::string> warnings;
    EXPECT_EQ(with_best_rates(plan.base(), {}, place, {1}, warnings).at(0).word,
              validates ? "rflo(optimizer.lr=0.0001)" : "rflo(optimizer.lr=0.1)");
    // A ledger that was lost is made good from the runs, to the same numbers.
    std::filesystem::remove(folder / (std::string(validates ? "with" : "without") + "/ledger.jsonl"));
    const Sweep again = read_sweep(place);
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(again.records[i].loss, sweep.records[i].loss);
  }
}

}  // namespace
}  // namespace chronograd
