// SPDX-License-Identifier: Apache-2.0
// Credit that goes back some steps before a memory is asked: what must not depend on how many.
#include <gtest/gtest.h>

#include "conformance/rule_pair.hpp"

namespace chronograd::identities {
namespace {

using checking::close;
using checking::Named;
using checking::OracleProblem;

constexpr double tolerance = 1e-12;

class ReachIdentities : public testing::TestWithParam<const CellRecord*> {
 protected:
  OracleProblem problem(int layers) const {
    return checking::random_problem(17, {.cell = GetParam()->entry.name,
                                         .activation = "tanh",
                                         .loss = "mse",
                                         .output = "identity",
                                         .layers = layers,
                                         .d = 5,
                                         .n = 3,
                                         .m = 2,
                                         .B = 3,
                                         .T = 13,
                                         .masked = true,
                                         .resets = true,
                                         .initial_state = true,
                                         .sparse = true,
                                         .gain = 0.9});
  }
  static Named run(const OracleProblem& problem, const std::string& rule, int every,
                   std::map<std::string, std::string> options) {
    return conformance::to_named(
        gradient(checking::problem_config(problem, {.rule = rule, .options = options, .every = every, .seed = 3}),
                 checking::ProblemTask(problem), checking::problem_parameters(problem), "test"));
  }
};

TEST_P(ReachIdentities, over_the_exact_memory_any_is_the_gradient) {
  for (const int layers : {1, 2}) {
    const OracleProblem p = problem(layers);
    const Named expected = run(p, "bptt", 0, {});
    for (const char* rule : {"rtrl", "sparse_rtrl"})
      for (const int reach : {0, 1, 3, 12, 13, 200})
        for (const int every : {1, 3, 0})
          EXPECT_TRUE(close(run(p, rule, every, {{"reach", std::to_string(reach)}}), expected, tolerance))
              << rule << ", " << layers << " layers, reach " << reach << ", every " << every;
  }
}

/// No memory at all behind it: a window that moves with every step.
TEST_P(ReachIdentities, over_no_memory_it_is_the_moving_window) {
  for (const int layers : {1, 2}) {
    const OracleProblem p = problem(layers);
    for (const int reach : {1, 2, 4})
      EXPECT_TRUE(close(run(p, "immediate", 1, {{"reach", std::to_string(reach)}}),
                        run(p, "rolling_tbptt", 1, {{"L", std::to_string(reach + 1)}}), tolerance))
          << layers << " layers, reach " << reach;
  }
}

TEST_P(ReachIdentities, does_not_depend_on_the_interval) {
  for (const int layers : {1, 2}) {
    const OracleProblem p = problem(layers);
    for (const char* rule : {"snap", "rflo", "uoro", "kf_rtrl"}) {
      const Named expected = run(p, rule, 1, {{"reach", "2"}});
      for (const int every : {2, 5, 0})
        EXPECT_TRUE(close(run(p, rule, every, {{"reach", "2"}}), expected, tolerance)) << rule << ", every " << every;
    }
  }
}

/// Credit that has been through some steps of W_rec is no longer what the rule itself makes of it.
TEST_P(ReachIdentities, changes_what_is_not_exact) {
  const OracleProblem p = problem(2);
  for (const char* rule : {"immediate", "snap", "rflo"})
    EXPECT_FALSE(close(run(p, rule, 1, {{"reach", "2"}}), run(p, rule, 1, {}), 1e-6)) << rule;
}

INSTANTIATE_TEST_SUITE_P(catalogue, ReachIdentities, testing::ValuesIn(catalogue<CellRecord>()),
                         [](const auto& test) { return std::string(test.param->entry.name); });

}  // namespace
}  // namespace chronograd::identities
