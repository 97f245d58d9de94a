// SPDX-License-Identifier: Apache-2.0
// What a third factor does to e-prop's traces.
#include <gtest/gtest.h>

#include "checking/layout.hpp"
#include "conformance/rule_pair.hpp"

namespace chronograd::identities {
namespace {

using checking::close;
using checking::Named;
using checking::OracleProblem;

Named with_third(const OracleProblem& problem, const char* rule, int every) {
  return conformance::to_named(gradient(checking::problem_config(problem, {.rule = rule, .every = every}),
                                        checking::ProblemTask(problem), checking::problem_parameters(problem), "test"));
}

class ThirdFactors : public testing::TestWithParam<const CellRecord*> {};

/// The credit of the readout, given as numbers of the data: the same sums in another order. On cells whose units show
/// one number.
TEST_P(ThirdFactors, that_are_the_credit_are_eprop) {
  if (checking::find_cell(GetParam()->entry.name)->heads > 1) GTEST_SKIP() << "a unit has credit on two numbers";
  OracleProblem p = checking::random_problem(10, {.cell = GetParam()->entry.name,
                                                  .activation = "tanh",
                                                  .loss = "mse",
                                                  .output = "identity",
                                                  .d = 6,
                                                  .n = 3,
                                                  .m = 2,
                                                  .B = 3,
                                                  .T = 15,
                                                  .masked = true,
                                                  .resets = true});
  const Named expected = with_third(p, "eprop", 3);
  const checking::Vector &W_out = p.parameters.at("W_out"), &y = expected.at("y");
  p.third.assign(p.B * p.T * p.d, 0.0);
  for (int row = 0; row < p.B * p.T; ++row)
    for (int i = 0; i < p.d; ++i)
      for (int k = 0; k < p.m; ++k)
        p.third[row * p.d + i] += W_out[k * p.d + i] * p.mask[row] * (y[row * p.m + k] - p.y[row * p.m + k]);
  for (const int every : {1, 3, 0}) EXPECT_TRUE(close(with_third(p, "three_factor", every), expected, 1e-11)) << every;
}

TEST_P(ThirdFactors, of_one_number_are_the_same_for_each_unit) {
  OracleProblem p = checking::random_problem(11, {.cell = GetParam()->entry.name, .layers = 2, .d = 4, .B = 2, .T = 9});
  p.third.assign(p.B * p.T, 0.5);
  const Named one = with_third(p, "three_factor", 3);
  for (const int numbers : {p.d, 2 * p.d}) {
    p.third.assign(p.B * p.T * numbers, 0.5);
    EXPECT_TRUE(close(with_third(p, "three_factor", 3), one, 1e-15)) << numbers;
  }
  p.third.assign(p.B * p.T * 2 * p.d, 0.0);  // the upper layer alone
  for (int row = 0; row < p.B * p.T; ++row)
    for (int i = p.d; i < 2 * p.d; ++i) p.third[row * 2 * p.d + i] = 0.5;
  const Named upper = with_third(p, "three_factor", 3);
  for (const checking::ParameterShape& shape : checking::Layout(p).shapes) {
    const bool lower = shape.begin < checking::Layout(p).places[1].first;
    const checking::Vector zero(shape.size(), 0.0);
    EXPECT_TRUE(close(upper.at(shape.name), lower ? zero : one.at(shape.name), 1e-15)) << shape.name;
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, ThirdFactors,
                         testing::ValuesIn(std::vector<const CellRecord*>(catalogue<CellRecord>().begin(),
                                                                          catalogue<CellRecord>().end())),
                         [](const auto& test) { return std::string(test.param->entry.name); });

}  // namespace
}  // namespace chronograd::identities
