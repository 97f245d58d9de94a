// SPDX-License-Identifier: Apache-2.0
// Numbers of units, inputs and streams that are no multiple of a vector register's width, against the oracles.
#include <gtest/gtest.h>

#include "conformance/cell_line.hpp"
#include "conformance/rule_pair.hpp"

namespace chronograd::conformance {
namespace {

constexpr double tolerance = 1e-10;

class RuleSizes : public testing::TestWithParam<RulePair> {
 protected:
  static OracleProblem problem_of(int d, int steps) {
    return checking::random_problem(100 + d, {.cell = GetParam().cell->entry.name,
                                              .activation = "tanh",
                                              .loss = "mse",
                                              .d = d,
                                              .n = d % 5 + 1,
                                              .m = d % 3 + 1,
                                              .B = d % 4 + 1,
                                              .T = steps,
                                              .resets = true,
                                              .gain = 0.9});
  }
};

TEST_P(RuleSizes, agree_with_oracles) {
  const RuleRecord& rule = *GetParam().rule;
  for (const int d : awkward_sizes()) {
    const bool small = d <= 9;  // dense definitions take d^4 operations
    if (!small && rule.promise != Promise::exact) continue;
    const OracleProblem p = problem_of(d, 6);
    checking::RuleDefinition definition{.name = rule.entry.name,
                                        .decay = std::string(rule.entry.name) == "pp_prop" ? 0.9 : -1,
                                        .sign = checking::drawn_numbers(rule.entry.name, 11),
                                        .A_lr = 0.02,
                                        .gamma_lr = 0.02,
                                        .sigma = has_option(rule.entry, "directions") ? 0.05 : 1e-3,
                                        .sg_lr = 0.05,
                                        .refresh = 2,
                                        .J_lr = 0.02};
    for (const int every : intervals(rule)) {
      const Named found = only_parameters(run_gradient(GetParam(), p, every), p);
      const Named expected =
          rule.promise == Promise::exact ? exact_reverse_mode(p).gradient : dense_rule(p, definition, every).gradient;
      EXPECT_TRUE(close(found, expected, tolerance)) << "d = " << d << ", every " << every;
    }
  }
}

/// Where the oracles are too slow: the trace advanced step by step is the one advanced over a segment.
TEST_P(RuleSizes, agree_between_intervals) {
  const RuleRecord& rule = *GetParam().rule;
  if (rule.segments != Segments::any || rule.promise == Promise::exact) return;
  for (const int d : awkward_sizes()) {
    const OracleProblem p = problem_of(d, 7);
    const Named expected = run_gradient(GetParam(), p, 1);
    for (const int every : {3, 0}) EXPECT_TRUE(close(run_gradient(GetParam(), p, every), expected, tolerance)) << d;
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, RuleSizes, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
