// SPDX-License-Identifier: Apache-2.0
// Rules that keep the influence in products, by enumeration of all signs and in limits; kernl by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "checking/compare.hpp"
#include "checking/random_problem.hpp"

namespace chronograd::checking {
namespace {

OracleProblem small(const std::string& cell, int layers, int d, int T, bool resets = false,
                    RandomOptions options = {}) {
  options.cell = cell;
  options.activation = "tanh";
  options.layers = layers;
  options.d = d;
  options.n = options.m = 2;
  options.B = 1;
  options.T = T;
  options.gain = 1.5;
  OracleProblem problem = random_problem(17, options);
  if (resets) {
    problem.reset.assign(T, 0.0);
    problem.reset[T / 2] = 1;
  }
  return problem;
}

struct Case {
  const char* rule;
  int r;
  const char* cell;
  int layers, d, T, signs;
  bool resets = false;
  RandomOptions options = {};
};

class Products : public testing::TestWithParam<Case> {};

TEST_P(Products, mean_over_all_signs_is_the_gradient) {
  const Case& c = GetParam();
  const OracleProblem problem = small(c.cell, c.layers, c.d, c.T, c.resets, c.options);
  const int bits = c.signs * c.T;
  Named mean, last;
  int most = 0;
  for (unsigned pattern = 0; pattern < 1u << bits; ++pattern) {
    RuleDefinition rule{.name = c.rule};
    rule.r = c.r;
    rule.sign = [&](int, std::int64_t t, int i) {
      most = std::max(most, i + 1);
      return (pattern >> (t * c.signs + i) & 1u) != 0 ? 1.0 : -1.0;
    };
    last = dense_rule(problem, rule).gradient;
    for (const auto& [name, values] : last) {
      Vector& sum = mean[name];
      sum.resize(values.size(), 0.0);
      for (std::size_t k = 0; k < values.size(); ++k) sum[k] += values[k] / (1u << bits);
    }
  }
  EXPECT_EQ(most, c.signs);
  const Named exact = exact_reverse_mode(problem).gradient;
  EXPECT_TRUE(close(mean, exact, 1e-12));
  EXPECT_FALSE(close(last, exact, 1e-3));  // one pattern alone
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  const Case& c = info.param;
  return std::string(c.rule) + std::to_string(c.r) + "_" + c.cell + std::to_string(c.layers) + "_d" +
         std::to_string(c.d) + (c.resets ? "_reset" : "") + (c.options.filtered ? "_filtered" : "") +
         (c.options.average ? "_mean" : "") + (c.options.trained ? "_trained" : "");
}

INSTANTIATE_TEST_SUITE_P(
    cells, Products,
    testing::Values(Case{"kf_rtrl", 1, "leaky", 1, 3, 6, 1}, Case{"kf_rtrl", 1, "leaky", 1, 2, 6, 1, true},
                    Case{"kf_rtrl", 1, "leaky", 2, 2, 4, 2}, Case{"kf_rtrl", 1, "leaky", 3, 1, 4, 3},
                    Case{"kf_rtrl", 1, "gru", 1, 2, 4, 3}, Case{"kf_rtrl", 1, "lstm", 1, 2, 5, 1},
                    Case{"kf_rtrl", 1, "lstm", 2, 1, 5, 2}, Case{"kf_rtrl", 1, "gru", 2, 1, 2, 6},
                    Case{"kf_rtrl", 1, "lru", 1, 1, 4, 2}, Case{"reverse_kf_rtrl", 1, "leaky", 1, 3, 4, 3},
                    Case{"reverse_kf_rtrl", 1, "leaky", 2, 1, 5, 2}, Case{"reverse_kf_rtrl", 1, "leaky", 2, 2, 3, 4},
                    Case{"reverse_kf_rtrl", 1, "gru", 1, 1, 3, 4}, Case{"reverse_kf_rtrl", 1, "lstm", 1, 1, 3, 4},
                    Case{"ok", 1, "leaky", 1, 3, 5, 2}, Case{"ok", 1, "leaky", 1, 2, 5, 2, true},
                    Case{"ok", 2, "leaky", 1, 3, 4, 3}, Case{"ok", 1, "leaky", 2, 2, 3, 4},
                    Case{"ok", 1, "gru", 1, 2, 2, 6}, Case{"ok", 1, "lstm", 1, 2, 5, 2},
                    Case{"ok", 2, "lstm", 1, 1, 4, 3}, Case{"kf_rtrl", 1, "rtu", 1, 1, 4, 2},
                    Case{"kf_rtrl", 1, "elstm", 1, 2, 4, 2}, Case{"reverse_kf_rtrl", 1, "rtu", 1, 1, 3, 4},
                    Case{"reverse_kf_rtrl", 1, "elstm", 1, 1, 2, 6}, Case{"ok", 1, "rtu", 1, 1, 3, 4},
                    Case{"ok", 1, "elstm", 1, 1, 3, 4},
                    Case{"kf_rtrl", 1, "leaky", 1, 3, 6, 1, true, {.filtered = true}},
                    Case{"reverse_kf_rtrl", 1, "leaky", 2, 1, 5, 2, false, {.filtered = true}},
                    Case{"ok", 1, "leaky", 1, 2, 5, 2, false, {.average = true}},
                    Case{"kf_rtrl", 1, "gru", 1, 2, 4, 3, false, {.filtered = true, .average = true}},
                    Case{"kf_rtrl", 1, "leaky", 1, 2, 5, 2, false, {.trained = true}},
                    Case{"ok", 1, "leaky", 1, 2, 3, 4, true, {.trained = true}}),
    name_of);

TEST(Products, turning_all_signs_changes_nothing) {
  for (const char* name : {"kf_rtrl", "reverse_kf_rtrl", "ok"}) {
    const OracleProblem problem = small("gru", 1, 3, 6);
    RuleDefinition rule{.name = name, .sign = random_signs(2)};
    rule.r = 2;
    const Named plain = dense_rule(problem, rule).gradient;
    rule.sign = [](int b, std::int64_t t, int i) { return -random_signs(2)(b, t, i); };
    EXPECT_EQ(dense_rule(problem, rule).gradient, plain) << name;
  }
}

TEST(Products, saturated_steps_leave_no_nan) {
  OracleProblem problem = small("leaky", 1, 3, 6);
  problem.activation = "relu";
  problem.alpha.assign(3, 1.0);
  problem.parameters["b_h"].assign(3, -100.0);  // all units off: J = 0 and Mbar = 0
  for (const char* name : {"kf_rtrl", "reverse_kf_rtrl", "ok"})
    EXPECT_EQ(dense_rule(problem, {.name = name, .sign = random_signs(2)}).gradient.at("W_rec"), Vector(9, 0.0));
}

TEST(Ok, is_rtrl_in_its_first_r_steps_and_for_as_many_products_as_regressors) {
  for (const char* cell : {"leaky", "gru", "lstm"}) {
    const OracleProblem brief = small(cell, 2, 3, 4), full = small(cell, 1, 2, 9);
    RuleDefinition rule{.name = "ok", .sign = random_signs(4)};
    for (const auto& [problem, few, enough] : {std::tuple(brief, 3, 4), {full, 3, 6}}) {
      const Named exact = exact_reverse_mode(problem).gradient;
      rule.r = enough;
      EXPECT_TRUE(close(dense_rule(problem, rule).gradient, exact, 1e-12)) << cell;
      rule.r = few;
      EXPECT_FALSE(close(dense_rule(problem, rule).gradient, exact, 1e-9)) << cell;
    }
  }
}

/// One linear unit, h_t = w h_{t-1} + x_t + noise of the perturbation, y = h.
TEST(Kernl, follows_its_definition_by_hand) {
  OracleProblem problem;
  problem.T = 3;
  problem.alpha = {1.0};
  problem.activation = "identity";
  problem.parameters = {{"W_rec", {0.5}}, {"W_in", {1.0}}, {"b_h", {0.0}}, {"W_out", {1.0}}, {"b_y", {0.0}}};
  problem.x = {1, 1, 1};
  problem.y = {0, 1, 2};
  // h = 1, 1.5, 1.75; c = y - y* = 1, 0.5, -0.25; regressors of W_rec 0, 1, 1.5, of b_h 1, 1, 1; D = 1.
  RuleDefinition rule{.name = "kernl", .gamma = 0.25, .A_lr = 0.1, .gamma_lr = 0.2, .sigma = 0.5};
  rule.linear_kernel = true;
  rule.sign = [](int, std::int64_t t, int) { return t == 0 ? 2.0 : t == 1 ? -1.0 : 0.5; };
  // t = 0: s^ = h + sigma 2. Omega = 2, Gamma = 0, eps = A 2 - 2 = 0. A = 1, e = (0, 1).
  // t = 1: deviation 0.5 * 2 - 1 = 0 (in units of sigma); kappa = 0.75: Gamma = -2, Omega = 1.5 - 1 = 0.5, eps = 0.5;
  //   A = 1 - 0.1 * 0.5 * 0.5 = 0.975, gamma = 0.25 - 0.2 * (0.5 * 1) * (-2) = 0.45; e = (1, 1.75).
  // t = 2: deviation 0.5; kappa = 0.55: Gamma = -1.1 - 0.5 = -1.6, Omega = 0.275 + 0.5 = 0.775,
  //   eps = 0.975 * 0.775 - 0.5 = 0.255625; A = 0.975 - 0.1 * 0.255625 * 0.775; e = (2.05, 1.9625).
  const double A = 0.975 - 0.1 * 0.255625 * 0.775;
  const OracleGradient result = dense_rule(problem, rule);
  EXPECT_TRUE(close(result.per_step.at("W_rec"), {0, 0.5 * 0.975, -0.25 * A * 2.05}, 1e-14));
  EXPECT_TRUE(close(result.per_step.at("b_h"), {1, 0.5 * 0.975 * 1.75, -0.25 * A * 1.9625}, 1e-14));
  // A perturbation before the step has met W_rec when it is seen: at t = 0 the deviation is 0.5 * 2 = 1, eps = 1.
  rule.perturb_before = true;
  const OracleGradient before = dense_rule(problem, rule);
  EXPECT_NEAR(before.per_step.at("b_h")[0], 1 - 0.1 * 1 * 2, 1e-14);
  // At a resync the deviation is that of the step alone, and Omega = nu.
  rule.perturb_before = false;
  rule.resync = 2;
  const OracleGradient again = dense_rule(problem, rule);
  // t = 2: s^ = h + 0.5 sigma, Omega = 0.5, eps = 0.975 * 0.5 - 0.5 = -0.0125.
  EXPECT_TRUE(close(Vector{again.per_step.at("b_h")[2]}, {-0.25 * (0.975 + 0.1 * 0.0125 * 0.5) * 1.9625}, 1e-13));
}

}  // namespace
}  // namespace chronograd::checking
