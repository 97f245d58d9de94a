// SPDX-License-Identifier: Apache-2.0
// What rules are to each other on spiking cells, whatever the reset.
#include <gtest/gtest.h>

#include "conformance/rule_pair.hpp"

namespace chronograd::identities {
namespace {

using checking::close;
using checking::Named;
using checking::OracleProblem;
using checking::RandomOptions;

constexpr double spiking_tolerance = 1e-11;  // the same sums in another order

Named run_spiking(const OracleProblem& problem, const char* rule, int every, const std::string& feedback = "") {
  return conformance::to_named(
      gradient(checking::problem_config(problem, {.rule = rule, .every = every, .feedback = feedback, .seed = 3}),
               checking::ProblemTask(problem), checking::problem_parameters(problem), "test"));
}

class SpikingIdentities : public testing::TestWithParam<const char*> {
 protected:
  OracleProblem problem(std::uint64_t seed, RandomOptions options) const {
    options.cell = "alif";
    options.loss = "mse";
    options.output = "identity";
    options.d = 6;
    options.n = 3;
    options.m = 2;
    options.B = 3;
    options.T = 25;
    options.reset = GetParam();
    options.masked = options.resets = options.initial_state = options.silent = options.filtered = true;
    return checking::random_problem(seed, options);
  }
};

/// What snap(n=1) has beside e-prop is the unit's effect on itself through its own spike: the reset alone.
TEST_P(SpikingIdentities, SnapWithoutTheResetIsEprop) {
  OracleProblem p = problem(31, {.feedback = true, .stopped = true});
  for (const int every : {1, 4, 0})
    EXPECT_TRUE(close(run_spiking(p, "snap", every), run_spiking(p, "eprop", every), spiking_tolerance)) << every;
  p.spiking.stopped = false;
  EXPECT_FALSE(close(run_spiking(p, "snap", 1), run_spiking(p, "eprop", 1), 1e-6));
}

TEST_P(SpikingIdentities, EpropIgnoresWhetherTheResetCounts) {
  OracleProblem p = problem(32, {.stopped = true});
  const Named expected = run_spiking(p, "eprop", 1);
  p.spiking.stopped = false;
  for (const int every : {1, 4, 0}) EXPECT_TRUE(close(run_spiking(p, "eprop", every), expected, spiking_tolerance));
}

TEST_P(SpikingIdentities, EpropWithoutRecurrenceIsExact) {
  OracleProblem p = problem(33, {.stopped = true});
  EXPECT_FALSE(close(run_spiking(p, "eprop", 1), run_spiking(p, "bptt", 0), 1e-6));
  checking::Vector& w = p.parameters.at("W_rec");
  w.assign(w.size(), 0.0);
  const Named expected = run_spiking(p, "bptt", 0);
  for (const int every : {1, 4, 0}) EXPECT_TRUE(close(run_spiking(p, "eprop", every), expected, spiking_tolerance));
  p.spiking.stopped = false;
  EXPECT_FALSE(close(run_spiking(p, "eprop", 1), run_spiking(p, "bptt", 0), 1e-6));
}

INSTANTIATE_TEST_SUITE_P(resets, SpikingIdentities, testing::Values("next", "step", "zero"),
                         [](const auto& test) { return std::string(test.param); });

/// Random e-prop on a leaky unit whose readout has no filter is rflo.
TEST(SpikingIdentity, EpropOnALeakyUnitIsRflo) {
  const OracleProblem p = checking::random_problem(34, {.cell = "leaky",
                                                        .activation = "tanh",
                                                        .loss = "mse",
                                                        .output = "identity",
                                                        .d = 6,
                                                        .B = 3,
                                                        .T = 20,
                                                        .resets = true,
                                                        .feedback = true});
  for (const int every : {1, 4, 0}) EXPECT_EQ(run_spiking(p, "eprop", every), run_spiking(p, "rflo", every)) << every;
}

/// A net that never fires and whose voltages are far below the threshold has no gradient but that of b_y; one that
/// fires at every step is as far above it.
TEST(SpikingIdentity, SilentAndSaturatedNetsHaveNoGradient) {
  OracleProblem p = checking::random_problem(35, {.cell = "alif",
                                                  .loss = "mse",
                                                  .output = "identity",
                                                  .d = 6,
                                                  .B = 2,
                                                  .T = 20,
                                                  .filtered = true,
                                                  .shape = "triangular"});
  for (const bool saturated : {false, true}) {
    for (double& x : p.x) x = 1;
    checking::Vector& W_in = p.parameters.at("W_in");
    W_in.assign(W_in.size(), saturated ? 100.0 : -100.0);
    p.spiking.n_ref.assign(6, 0.0);
    for (const RuleRecord* rule : catalogue<RuleRecord>()) {
      // Models of a rule's own see what no surrogate does, and a draw of a random rule is no mean.
      if (rule->one_shard || conformance::draws_by_step(*rule)) continue;
      for (const int every : conformance::intervals(*rule)) {
        const Named found = run_spiking(p, rule->entry.name, every);
        for (const double h : found.at("h")) ASSERT_EQ(h, saturated ? 1 : 0);
        for (const char* name : {"W_rec", "W_in"})
          for (const double g : found.at(name)) ASSERT_EQ(g, 0) << rule->entry.name << " " << name;
        for (const auto& [name, values] : found)
          for (const double v : values) ASSERT_TRUE(std::isfinite(v)) << rule->entry.name << " " << name;
      }
    }
  }
}

}  // namespace
}  // namespace chronograd::identities
