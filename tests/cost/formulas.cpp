// SPDX-License-Identifier: Apache-2.0
// The multiplications that a rule's record states are those that it does.
#include <gtest/gtest.h>

#include "conformance/rule_pair.hpp"
#include "math/work.hpp"
#include "reporting/workload.hpp"

namespace chronograd::conformance {
namespace {

double counted(const RulePair& pair, const char* rule, const Size& size, bool row) {
  Workload work(pair.cell->entry.name, rule, size, row);
  for (int i = 0; i < 14; ++i) work.gradient();  // what starts from nothing costs less, windows must be full
  const WorkCount count;
  work.gradient();
  return count.multiplications();
}

class RuleCost : public testing::TestWithParam<RulePair> {};

TEST_P(RuleCost, is_what_the_record_says) {
  const RuleRecord& rule = *GetParam().rule;
  const bool row = rule.window == Window::row;
  for (const int K : {1, 12})
    for (const int d : {48, 80}) {
      const Size size = {d, 8, 2, 2, K};
      // readout_only has the same forward pass, readout and credit and no more.
      const double own =
          (counted(GetParam(), rule.entry.name, size, row) - counted(GetParam(), "readout_only", size, row)) /
          (size.streams * K);
      const double said = Workload(GetParam().cell->entry.name, rule.entry.name, size, row).cost().multiply_adds;
      SCOPED_TRACE(std::string(rule.time) + ", K = " + std::to_string(K) + ", d = " + std::to_string(d));
      // To leading order: a few multiplications for each gate and state of a unit are left out of the formulas, and
      // some of what a formula counts is not needed with K = 1 (bptt has no step to go back to).
      const double few = 4.0 * d * GetParam().cell->states * GetParam().cell->gates;
      if (said == 0) {
        EXPECT_EQ(own, 0);
      } else {
        EXPECT_GE(own, (K == 1 ? 0.5 : 0.8) * said);
        EXPECT_LE(own, 1.25 * said + few);
      }
    }
}

// A Jacobian of many steps that faded to zero would be left out, and the rule would seem faster than it is.
TEST(Workload, keeps_the_influence_of_long_intervals) {
  for (const char* cell : {"leaky", "gru", "lstm"}) {
    Workload work(cell, "rtrl", {32, 8, 2, 1, 256}, false);
    for (int i = 0; i < 3; ++i) work.gradient();
    const WorkCount count;
    work.gradient();
    EXPECT_NEAR(count.multiplications() / work.multiply_adds(), 1, 0.05) << cell;
  }
}

TEST(WorkCount, counts_products_and_passes_only_while_it_lives) {
  Workload work("leaky", "readout_only", {16, 4, 2, 1, 1}, false);
  work.gradient();
  double first = 0;
  {
    const WorkCount count;
    work.gradient();
    first = count.multiplications();
    // u = W z, then readout, credit through W_out, and the readout's gradient
    EXPECT_EQ(first, 16 * (16 + 4 + 1) + 3 * 2 * 16);
  }
  work.gradient();
  const WorkCount count;
  work.gradient();
  EXPECT_EQ(count.multiplications(), first);
}

INSTANTIATE_TEST_SUITE_P(catalogue, RuleCost, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
