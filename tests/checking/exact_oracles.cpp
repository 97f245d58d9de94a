// SPDX-License-Identifier: Apache-2.0
// The oracles for the exact gradient agree among themselves, on every kind of problem.
#include <gtest/gtest.h>

#include <algorithm>

#include "checking/compare.hpp"
#include "checking/layout.hpp"
#include "checking/random_problem.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

/// Central differences lose what two losses have in common: some 1e-10 of a loss of about 1, however small a gradient
/// is.
bool close_to_differences(const Named& found, const Named& expected) {
  for (const auto& [name, values] : expected) {
    const double largest = largest_magnitude(values);
    if (!close({{name, found.at(name)}}, {{name, values}}, largest > 0 ? std::max(1e-6, 4e-10 / largest) : 1e-6))
      return false;
  }
  return found.size() == expected.size();
}

void expect_all_agree(const OracleProblem& problem) {
  const OracleGradient reverse = exact_reverse_mode(problem);
  const OracleGradient forward = exact_forward_mode(problem);
  EXPECT_TRUE(close(forward.gradient, reverse.gradient, 1e-12));
  if (problem.cell == "alif")
    EXPECT_THROW(central_differences(problem), Error);
  else
    EXPECT_TRUE(close_to_differences(central_differences(problem).gradient, reverse.gradient));
  EXPECT_TRUE(close({forward.loss}, {reverse.loss}, 1e-13));
  for (const OracleGradient& other : {double_sum_past(problem), double_sum_future(problem),
                                      dense_rule(problem, {.name = "rtrl"}), dense_rule(problem, {.name = "tbptt"})}) {
    EXPECT_TRUE(close(other.gradient, reverse.gradient, 1e-12));
    EXPECT_TRUE(close(other.h, reverse.h, 1e-13));
    EXPECT_TRUE(close(other.y, reverse.y, 1e-13));
    EXPECT_TRUE(close(other.end, reverse.end, 1e-13));
    EXPECT_TRUE(close(other.loss_t, reverse.loss_t, 1e-13));
    EXPECT_TRUE(close({other.loss}, {reverse.loss}, 1e-13));
  }
}

TEST(ExactOracles, agree_on_random_problems) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    RandomOptions options = random_options(seed);
    options.feedback = false;
    expect_all_agree(random_problem(seed, options));
  }
}

TEST(ExactOracles, agree_for_every_cell_loss_and_output) {
  for (const CellFacts& cell : known_cells())
    for (const auto& [loss, outputs] : std::map<std::string, std::vector<std::string>>{
             {"mse", {"identity", "tanh", "sigmoid", "relu", "softplus", "softmax"}},
             {"cross_entropy", {"softmax", "sigmoid", "softplus"}},
             {"bce", {"sigmoid", "softmax"}}})
      for (const std::string& output : outputs) {
        SCOPED_TRACE(std::string(cell.name) + " " + loss + " " + output);
        RandomOptions options;
        options.cell = cell.name;
        options.loss = loss;
        options.output = output;
        options.m = 3;
        options.T = 6;
        options.masked = options.resets = options.initial_state = true;
        expect_all_agree(random_problem(11, options));
      }
}

TEST(ExactOracles, agree_on_stacks_of_every_cell) {
  for (const CellFacts& cell : known_cells())
    for (const int layers : {2, 3}) {
      SCOPED_TRACE(std::string(cell.name) + ", layers " + std::to_string(layers));
      RandomOptions options;
      options.cell = cell.name;
      options.activation = "tanh";
      options.layers = layers;
      options.d = 3;
      options.T = 5;
      options.masked = options.resets = options.initial_state = options.sparse = true;
      options.noise = cell.rates;
      expect_all_agree(random_problem(17, options));
    }
}

TEST(ExactOracles, agree_for_every_activation_with_noise) {
  for (const char* activation : {"identity", "tanh", "sigmoid", "relu", "softplus"})
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      SCOPED_TRACE(activation);
      RandomOptions options;
      options.cell = "leaky";
      options.activation = activation;
      options.noise = true;
      expect_all_agree(random_problem(seed, options));
    }
}

TEST(ExactOracles, agree_at_the_smallest_sizes) {
  for (const CellFacts& cell : known_cells())
    for (const int T : {1, 2}) {
      RandomOptions options;
      options.cell = cell.name;
      options.d = options.n = options.m = options.B = 1;
      options.T = T;
      options.loss = "mse";
      options.initial_state = true;
      expect_all_agree(random_problem(5, options));
    }
}

TEST(ExactOracles, many_outputs_and_streams_fill_more_than_one_bundle_of_tangents) {
  RandomOptions options;
  options.m = 11;
  options.B = 4;
  options.T = 5;
  options.output = "softmax";
  options.loss = "mse";
  expect_all_agree(random_problem(3, options));
}

TEST(ExactOracles, outputs_and_losses_have_the_values_of_their_formulas) {
  struct Case {
    const char *loss, *output;
    Vector y;
    double value;
  };
  // Pre-outputs (0.5, -1), targets (0.25, 0.75); computed by another program.
  const std::vector<Case> cases = {
      {"mse", "identity", {0.5, -1}, 1.5625},
      {"mse", "tanh", {0.46211715726001, -0.761594155955765}, 1.16495529036184},
      {"mse", "sigmoid", {0.622459331201855, 0.268941421369995}, 0.185071654736427},
      {"mse", "relu", {0.5, 0}, 0.3125},
      {"mse", "softplus", {0.974076984180107, 0.313261687518223}, 0.357513916304394},
      {"mse", "softmax", {0.817574476193644, 0.182425523806356}, 0.322140786026489},
      {"cross_entropy", "softmax", {0.817574476193644, 0.182425523806356}, 1.32641327798275},
      {"cross_entropy", "sigmoid", {0.622459331201855, 0.268941421369995}, 1.10346551168369},
      {"cross_entropy", "softplus", {0.974076984180107, 0.313261687518223}, 0.87710351635761},
      {"bce", "sigmoid", {0.622459331201855, 0.268941421369995}, 1.91233867169833},
      {"bce", "softmax", {0.817574476193644, 0.182425523806356}, 2.6528265559655},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.loss) + " " + c.output);
    OracleProblem problem;
    problem.m = 2;
    problem.alpha = {1.0};
    problem.loss = c.loss;
    problem.output = c.output;
    problem.parameters = {{"W_rec", {0}}, {"W_in", {0}}, {"b_h", {0}}, {"W_out", {0, 0}}, {"b_y", {0.5, -1}}};
    problem.x = {0};
    problem.y = {0.25, 0.75};
    const OracleGradient result = exact_reverse_mode(problem);
    EXPECT_TRUE(close(result.y, c.y, 1e-13));
    EXPECT_TRUE(close({result.loss}, {c.value}, 1e-13));
  }
}

TEST(ExactOracles, noise_has_its_scale) {
  OracleProblem problem;
  problem.alpha = {0.25};
  problem.parameters = {{"W_rec", {0}}, {"W_in", {0}}, {"b_h", {0}}, {"W_out", {1}}, {"b_y", {0}}};
  problem.x = problem.y = {0};
  problem.xi = {2};
  problem.sigma = 0.1;
  EXPECT_NEAR(exact_reverse_mode(problem).h[0], std::sqrt(0.5) * 0.2, 1e-15);
  problem.noise_on_input = true;
  EXPECT_NEAR(exact_reverse_mode(problem).h[0], 0.25 * std::tanh(std::sqrt(8.0) * 0.2), 1e-15);
}

TEST(ExactOracles, a_reset_cuts_a_row_into_two) {
  for (const CellFacts& cell : known_cells()) {
    SCOPED_TRACE(cell.name);
    RandomOptions options;
    options.cell = cell.name;
    options.n = options.m = 2;
    options.B = 1;
    options.T = 9;
    options.initial_state = true;
    OracleProblem whole = random_problem(31, options);
    whole.third.clear();
    whole.reset.assign(9, 0.0);
    whole.reset[4] = 1;
    OracleProblem first = whole, second = whole;
    first.T = 4;
    first.x.resize(4 * 2);
    first.y.resize(4 * 2);
    first.reset.assign(4, 0.0);
    second.T = 5;
    second.x.erase(second.x.begin(), second.x.begin() + 4 * 2);
    second.y.erase(second.y.begin(), second.y.begin() + 4 * 2);
    second.reset.assign(5, 0.0);
    second.h0.clear();
    second.c0.clear();
    const OracleGradient all = exact_reverse_mode(whole), a = exact_reverse_mode(first), b = exact_reverse_mode(second);
    EXPECT_NEAR(all.loss, a.loss + b.loss, 1e-12);
    Named sum = a.gradient;
    for (auto& [name, values] : sum)
      for (std::size_t k = 0; k < values.size(); ++k) values[k] += b.gradient.at(name)[k];
    EXPECT_TRUE(close(all.gradient, sum, 1e-12));
  }
}

TEST(ExactOracles, large_pre_outputs_neither_overflow_nor_cancel) {
  for (const auto& [loss, output] :
       std::map<std::string, std::string>{{"cross_entropy", "softmax"}, {"bce", "sigmoid"}}) {
    RandomOptions options;
    options.loss = loss;
    options.output = output;
    options.m = 3;
    OracleProblem problem = random_problem(8, options);
    for (double& v : problem.parameters["b_y"]) v = v < 0 ? -900 : 900;
    const OracleGradient exact = exact_reverse_mode(problem);
    EXPECT_TRUE(std::isfinite(exact.loss));
    for (const auto& [name, values] : exact.gradient)
      for (const double v : values) EXPECT_TRUE(std::isfinite(v)) << name;
  }
}

TEST(ExactOracles, refuse_what_they_cannot_take) {
  const OracleProblem good = random_problem(1);
  OracleProblem problem = good;
  problem.cell = "alif";
  EXPECT_THROW(exact_forward_mode(problem), Error);
  problem = good;
  problem.x.pop_back();
  EXPECT_THROW(exact_reverse_mode(problem), Error);
  problem = good;
  problem.loss = "bce";
  problem.output = "identity";
  EXPECT_THROW(double_sum_past(problem), Error);
  problem = good;
  problem.parameters.erase("W_out");
  EXPECT_THROW(central_differences(problem), Error);
}

TEST(RandomProblem, is_a_function_of_its_seed) {
  const OracleProblem a = random_problem(4), b = random_problem(4), c = random_problem(5);
  EXPECT_EQ(a.x, b.x);
  EXPECT_EQ(a.parameters, b.parameters);
  EXPECT_NE(a.x, c.x);
  const auto sign = random_signs(9);
  double sum = 0;
  for (int t = 0; t < 1000; ++t) {
    EXPECT_EQ(std::abs(sign(0, t, 0)), 1);
    EXPECT_EQ(sign(0, t, 0), sign(0, t, 0));
    sum += sign(0, t, 0);
  }
  EXPECT_LT(std::abs(sum), 150);  // 4.7 standard deviations
}

}  // namespace
}  // namespace chronograd::checking
