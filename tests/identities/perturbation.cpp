// SPDX-License-Identifier: Apache-2.0
// Weight perturbation: over a complete set of directions it is the gradient of each interval's own loss, and a
// difference is the derivative but for the square of its size.
#include <gtest/gtest.h>

#include <cmath>

#include "conformance/jumps.hpp"
#include "conformance/rule_pair.hpp"

namespace chronograd::identities {
namespace {

using checking::close;
using checking::Named;
using checking::OracleProblem;
using checking::RandomOptions;
using Options = std::map<std::string, std::string>;

/// Only the cell's parameters: the readout's gradient is the same with every rule.
Named of_cell(const OracleProblem& problem, const char* rule, int every, const Options& options,
              const Signs& normals = {}) {
  GradientRequest request;
  request.signs = normals;
  Named found = conformance::only_parameters(
      conformance::to_named(
          gradient(checking::problem_config(problem, {.rule = rule, .options = options, .every = every, .seed = 3}),
                   checking::ProblemTask(problem), checking::problem_parameters(problem), "test", request)),
      problem);
  found.erase("W_out");
  found.erase("b_y");
  return found;
}

class Perturbation : public testing::TestWithParam<const CellRecord*> {
 protected:
  OracleProblem problem(std::uint64_t seed, RandomOptions options) const {
    options.cell = GetParam()->entry.name;
    options.activation = "tanh";
    options.loss = "mse";
    options.output = "identity";
    options.d = 3;
    options.n = options.m = 2;
    options.B = 3;
    options.T = 9;
    options.masked = options.resets = options.initial_state = true;
    options.noise = has_option(GetParam()->entry, "noise");
    options.gain = 0.9;
    OracleProblem p = checking::random_problem(seed, options);
    if (p.sigma > 0) p.xi = checking::draw_noise(p, 3);
    return p;
  }
  /// By how much the scalars differ that two gradients along one direction are made of, in units of the second.
  static double difference(const Named& a, const Named& b) {
    double largest = 0, scale = 0;
    for (const auto& [name, values] : b)
      for (std::size_t k = 0; k < values.size(); ++k) {
        largest = std::max(largest, std::fabs(a.at(name)[k] - values[k]));
        scale = std::max(scale, std::fabs(values[k]));
      }
    return largest / scale;
  }
};

/// sqrt(p) times each unit vector: the mean of v v^T over these p directions is I.
TEST_P(Perturbation, over_a_complete_set_of_directions_is_the_gradient_of_each_interval) {
  for (const RandomOptions& options :
       {RandomOptions{}, RandomOptions{.layers = 2, .sparse = true}, RandomOptions{.filtered = true, .average = true},
        RandomOptions{.layers = 3, .feedback = true, .filtered = true}}) {
    const OracleProblem p = problem(31, options);
    int count = 0;
    for (const auto& [name, values] : p.parameters)
      if (name != "W_out" && name != "b_y") count += static_cast<int>(values.size());
    const Signs complete = [&](int, std::int64_t, int i) { return i / count == i % count ? std::sqrt(count) : 0.0; };
    const Options all = {{"directions", std::to_string(count)}, {"form", "\"forward\""}};
    for (const int every : {1, 4, 0}) {
      const Named expected = of_cell(p, "tbptt", every, {});
      EXPECT_TRUE(close(of_cell(p, "perturb", every, all, complete), expected, 1e-11)) << every;
      if (!p.feedback.empty() || conformance::jumps(*GetParam())) continue;  // a difference is of the loss itself
      Options small = {{"directions", std::to_string(count)}, {"sigma", "1e-5"}};
      // A step of sigma sqrt(p) along an axis errs by its square, 1e-8, times a third derivative; rounding by 1e-16 of
      // a loss of 30 over 1e-4.
      EXPECT_TRUE(close(of_cell(p, "perturb", every, small, complete), expected, 1e-6)) << every;
    }
  }
}

TEST_P(Perturbation, a_difference_errs_by_the_square_of_its_size) {
  if (conformance::jumps(*GetParam())) return;  // it does not see surrogate slopes
  const OracleProblem p = problem(32, {.layers = 2});
  for (const int every : {4, 0}) {
    const Named derivative = of_cell(p, "perturb", every, {{"form", "\"forward\""}});
    const auto error = [&](const char* sigma) {
      return difference(of_cell(p, "perturb", every, {{"sigma", sigma}}), derivative);
    };
    EXPECT_NEAR(error("2e-3") / error("1e-3"), 4, 0.3) << every;
    EXPECT_LT(error("1e-5"), 1e-6) << every;
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, Perturbation, testing::ValuesIn(catalogue<CellRecord>()),
                         [](const auto& test) { return std::string(test.param->entry.name); });

}  // namespace
}  // namespace chronograd::identities
