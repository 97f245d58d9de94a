// SPDX-License-Identifier: Apache-2.0
// Readouts of filtered and mean outputs beside the plain one, on every rule and cell.
#include "chronograd/error.hpp"
#include "conformance/rule_pair.hpp"

namespace chronograd::conformance {
namespace {

constexpr double tolerance = 1e-11;  // the same sums in another order

class Readouts : public testing::TestWithParam<RulePair> {
 protected:
  OracleProblem problem(int layers) const {
    OracleProblem p = checking::random_problem(81, {.cell = GetParam().cell->entry.name,
                                                    .activation = "tanh",
                                                    .loss = "mse",
                                                    .layers = layers,
                                                    .d = 4,
                                                    .n = 3,
                                                    .m = 2,
                                                    .B = 2,
                                                    .T = 9,
                                                    .noise = has_option(GetParam().cell->entry, "noise"),
                                                    .gain = 0.9});
    p.noise_on_input = false;  // what is made of h gets it apart
    p.reset.assign(p.B * p.T, 0.0);
    p.reset[3] = 1;
    return p;
  }
  /// A model of its own sees further states, and random signs are drawn for them too.
  bool sees_states() const { return GetParam().rule->one_shard || GetParam().rule->promise == Promise::unbiased; }
};

/// kappa = 1e-300: what the filter holds of h is h.
TEST_P(Readouts, AFilterThatForgetsIsNone) {
  if (sees_states()) return;
  for (const int layers : {1, 2}) {
    OracleProblem p = problem(layers);
    for (const int every : intervals(*GetParam().rule)) {
      p.kappa = 0;
      const Named expected = run_gradient(GetParam(), p, every);
      p.kappa = 1e-300;
      p.zeta_out = 1;
      EXPECT_TRUE(
          close(only_parameters(run_gradient(GetParam(), p, every), p), only_parameters(expected, p), tolerance))
          << "every " << every << ", layers " << layers;
    }
  }
}

/// The mean over one step is that step; a row with one loss has that loss.
TEST_P(Readouts, TheMeanOfOneStepIsThatStep) {
  if (sees_states()) return;
  for (const int layers : {1, 2}) {
    OracleProblem p = problem(layers);
    p.mask.assign(p.B * p.T, 0.0);
    p.mask[5] = p.mask[p.T + 8] = 1;
    mask_third(p);
    for (const int every : intervals(*GetParam().rule)) {
      p.average = false;
      const Named expected = run_gradient(GetParam(), p, every);
      p.average = true;
      const Named found = run_gradient(GetParam(), p, every);
      EXPECT_TRUE(close(only_parameters(found, p), only_parameters(expected, p), tolerance))
          << "every " << every << ", layers " << layers;
      EXPECT_TRUE(close(Named{{"loss_t", found.at("loss_t")}}, Named{{"loss_t", expected.at("loss_t")}}, tolerance));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, Readouts, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
