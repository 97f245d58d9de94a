// SPDX-License-Identifier: Apache-2.0
// UORO by enumeration of all signs, rules with a synthesiser by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "checking/compare.hpp"
#include "checking/random_problem.hpp"

namespace chronograd::checking {
namespace {

OracleProblem small(const char* cell, int d, int T, RandomOptions options = {}) {
  options.cell = cell;
  options.activation = "tanh";
  options.d = d;
  options.n = options.m = 2;
  options.B = 1;
  options.T = T;
  return random_problem(17, options);
}

TEST(Uoro, mean_over_all_signs_is_the_gradient) {
  struct Case {
    const char* cell;
    int d, T, states;
    RandomOptions options = {};
  };
  for (const Case& c :
       {Case{"leaky", 3, 3, 3}, Case{"gru", 2, 4, 2}, Case{"lstm", 1, 4, 2}, Case{"rtu", 1, 3, 4},
        Case{"elstm", 2, 3, 4}, Case{"leaky", 2, 3, 4, {.filtered = true}},
        Case{"gru", 1, 4, 3, {.filtered = true, .average = true}}, Case{"leaky", 2, 4, 2, {.trained = true}},
        Case{"rtu", 1, 2, 6, {.average = true, .inside = true}}}) {
    SCOPED_TRACE(std::string(c.cell) + (c.options.filtered ? ", filtered" : "") + (c.options.average ? ", mean" : "") +
                 (c.options.trained ? ", trained" : ""));
    const OracleProblem problem = small(c.cell, c.d, c.T, c.options);
    const int bits = c.states * c.T;
    Named mean;
    Named last;
    for (unsigned pattern = 0; pattern < 1u << bits; ++pattern) {
      RuleDefinition rule{.name = "uoro"};
      rule.sign = [&](int, std::int64_t t, int i) { return (pattern >> (t * c.states + i) & 1u) != 0 ? 1.0 : -1.0; };
      const OracleGradient one = dense_rule(problem, rule);
      for (const auto& [name, values] : one.gradient) {
        Vector& sum = mean[name];
        sum.resize(values.size(), 0.0);
        for (std::size_t k = 0; k < values.size(); ++k) sum[k] += values[k] / (1u << bits);
      }
      last = one.gradient;
    }
    const Named exact = exact_reverse_mode(problem).gradient;
    EXPECT_TRUE(close(mean, exact, 1e-12));
    EXPECT_FALSE(close(last, exact, 1e-2));  // one pattern alone
  }
}

TEST(Uoro, turning_all_signs_changes_nothing) {
  const OracleProblem problem = small("lstm", 3, 6);
  RuleDefinition rule{.name = "uoro", .sign = random_signs(2)};
  const Named plain = dense_rule(problem, rule).gradient;
  rule.sign = [](int b, std::int64_t t, int i) { return -random_signs(2)(b, t, i); };
  EXPECT_EQ(dense_rule(problem, rule).gradient, plain);
}

TEST(Uoro, a_saturated_step_leaves_no_nan) {
  OracleProblem problem = small("leaky", 3, 6);
  problem.activation = "relu";
  problem.alpha.assign(3, 1.0);
  problem.parameters["b_h"].assign(3, -100.0);  // all units off: J = 0 and Mbar = 0
  const OracleGradient result = dense_rule(problem, {.name = "uoro", .sign = random_signs(2)});
  EXPECT_EQ(result.gradient.at("W_rec"), Vector(9, 0.0));
}

/// One linear unit: h_t = w h_{t-1} + x_t, y = h, two streams or one.
OracleProblem line(int B, int T, double w) {
  OracleProblem problem;
  problem.B = B;
  problem.T = T;
  problem.alpha = {1.0};
  problem.activation = "identity";
  problem.parameters = {{"W_rec", {w}}, {"W_in", {1.0}}, {"b_h", {0.0}}, {"W_out", {1.0}}, {"b_y", {0.0}}};
  return problem;
}

TEST(Dni, follows_its_definition_by_hand) {
  OracleProblem problem = line(1, 3, 0.5);
  problem.x = {1, 1, 1};
  problem.y = {0, 1, 2};
  // h = 1, 1.5, 1.75; c = y - y* = 1, 0.5, -0.25. Features (h, y*, 1).
  // t = 0: A = 0, nothing. t = 1: tau = 1 + 0; A = 0.1 (1) (1, 0, 1) = (0.1, 0, 0.1); frozen stays 0 (refresh 2).
  // c^ = 0.15 + 0.1 = 0.25; gradient: W_rec 0.25 * 1, W_in 0.25, b_h 0.25.
  // t = 2: tau = 0.5 + 0; prediction 0.25 on (1.5, 1, 1): A += 0.1 * 0.25 * (1.5, 1, 1) = (0.1375, 0.025, 0.125).
  // c^ = 0.1375 * 1.75 + 0.025 * 2 + 0.125 = 0.415625; W_rec += c^ * 1.5.
  const OracleGradient result = dense_rule(problem, {.name = "dni", .sg_lr = 0.1, .refresh = 2});
  EXPECT_TRUE(close(result.per_step.at("W_rec"), {0, 0.25, 0.415625 * 1.5}, 1e-14));
  EXPECT_TRUE(close(result.per_step.at("W_in"), {0, 0.25, 0.415625}, 1e-14));
  EXPECT_TRUE(close(result.per_step.at("b_h"), {0, 0.25, 0.415625}, 1e-14));
  // With refresh 1 the target at t = 2 holds the prediction there, times the Jacobian 0.5:
  // bootstrap (0.1 * 1.75 + 0.1) * 0.5 = 0.1375, tau = 0.6375, A += 0.1 * 0.3875 * (1.5, 1, 1).
  const double a0 = 0.1 + 0.058125, a1 = 0.03875, a2 = 0.1 + 0.03875, c = a0 * 1.75 + a1 * 2 + a2;
  const OracleGradient fresh = dense_rule(problem, {.name = "dni", .sg_lr = 0.1, .refresh = 1});
  EXPECT_TRUE(close(fresh.per_step.at("b_h"), {0, 0.25, c}, 1e-14));
  // A reset at t = 2 takes the bootstrap away: tau = 0.5 again, and h_2 = 1, so that c = -1 there, unused.
  problem.reset = {0, 0, 1};
  const OracleGradient cut = dense_rule(problem, {.name = "dni", .sg_lr = 0.1, .refresh = 1});
  EXPECT_TRUE(close(cut.per_step.at("b_h"), {0, 0.25, 0.1375 * 1 + 0.025 * 2 + 0.125}, 1e-14));
  EXPECT_TRUE(close(cut.per_step.at("W_rec"), {0, 0.25, 0}, 1e-14));
}

TEST(Dni, with_a_learnt_jacobian_follows_its_definition_by_hand) {
  OracleProblem problem = line(1, 3, 0.5);
  problem.x = {1, 1, 1};
  problem.y = {0, 1, 2};
  // As above; Jhat starts at 0.5. t = 0: s_- = 0, nothing. t = 1: Jhat = 0.5 - 0.1 (0.5 - 1.5) 1 = 0.6, unused: the
  // bootstrap is 0. t = 2: Jhat = 0.6 - 0.1 (0.9 - 1.75) 1.5 = 0.7275; tau = 0.5 + tanh(0.275) 0.7275.
  RuleDefinition rule{.name = "dni_b", .sg_lr = 0.1, .refresh = 1, .J_lr = 0.1};
  const auto last = [](double bootstrap) {
    const double change = 0.1 * (0.5 + bootstrap * 0.7275 - 0.25);
    return (0.1 + change * 1.5) * 1.75 + change * 2 + 0.1 + change;
  };
  EXPECT_TRUE(close(dense_rule(problem, rule).per_step.at("b_h"), {0, 0.25, last(std::tanh(0.275))}, 1e-14));
  rule.squash = false;
  EXPECT_TRUE(close(dense_rule(problem, rule).per_step.at("b_h"), {0, 0.25, last(0.275)}, 1e-14));
  // With the true Jacobian at each step it is dni.
  rule.J_lr = 0;
  EXPECT_EQ(dense_rule(problem, rule).per_step.at("b_h"),
            dense_rule(problem, {.name = "dni", .sg_lr = 0.1, .refresh = 1}).per_step.at("b_h"));
}

TEST(DniWindow, follows_its_definition_by_hand) {
  OracleProblem problem = line(1, 8, 0.5);
  problem.x.assign(8, 1.0);
  // h = 1, 1.5, 1.75, 1.875, 1.9375, 1.96875, ...; c = 1, 0.5, -0.25, 0.875, 1, 1, ...
  problem.y = {0, 1, 2, 1, 0.9375, 0.96875, 0, 0};
  // Window 1: delta = 0.5, 1.25; no entry. Window 2: delta = 0.875, 0.1875; G_a = 0.09375 on f_a = (1.5, 1), so that
  // A = 0.1 * 0.09375 (1.5, 1). Window 3: o = g(1.96875) = 0.037060546875; delta = 1 + o, 1 + (1 + o) / 2.
  const double o = 0.037060546875;
  const Vector steps = dense_rule(problem, {.name = "dni_window", .L = 2, .sg_lr = 0.1}).per_step.at("b_h");
  EXPECT_TRUE(close(Vector(steps.begin(), steps.begin() + 6), {0, 1.75, 0, 1.0625, 0, 2.5 + 1.5 * o}, 1e-14));
  // A reset at step 4 does not touch f_a = (1.875, 1), which learns that nothing follows: seen by the next window only.
  problem.reset = {0, 0, 0, 0, 1, 0, 0, 0};
  const Vector cut = dense_rule(problem, {.name = "dni_window", .L = 2, .sg_lr = 0.1}).per_step.at("b_h");
  EXPECT_NEAR(cut[3], 1.0625, 1e-14);
  // h = 1, 1.5 from there on; c = 0.0625, 0.53125; o = 0.0140625 * 1.5 + 0.009375 = 0.03046875.
  EXPECT_NEAR(cut[5], 0.53125 + 0.03046875 + 0.0625 + 0.5 * (0.53125 + 0.03046875), 1e-14);
}

TEST(BpLambda, follows_its_definition_by_hand) {
  OracleProblem problem = line(1, 4, 0.5);
  problem.x.assign(4, 1.0);
  problem.y = {0, 1, 2, 1};
  // h = 1, 1.5, 1.75, 1.875; c = 1, 0.5, -0.25, 0.875. t = 0: E = (1, 1). t = 1: delta = 0.25, A = 0.025 (1, 1),
  // g = 0.0625, E = (2, 1.5). t = 2: g(f_2) = 0.06875, delta = -0.153125, A = (-0.005625, 0.00203125). t = 3: c alone.
  const OracleGradient result = dense_rule(problem, {.name = "bp_lambda", .sg_lr = 0.1});
  EXPECT_TRUE(close(result.per_step.at("b_h"), {1, 0.5625, -0.2578125, 0.875}, 1e-14));
  // lambda = 0: E = (1.5, 1) at t = 2, A = (0.025, 0.025) - 0.0153125 (1.5, 1) = (0.00203125, 0.0096875).
  const OracleGradient one = dense_rule(problem, {.name = "bp_lambda", .sg_lr = 0.1, .lambda = 0});
  EXPECT_TRUE(close(one.per_step.at("b_h"), {1, 0.5625, -0.25 + 0.00203125 * 1.75 + 0.0096875, 0.875}, 1e-14));
}

TEST(Dni, a_given_synthesiser_is_used_from_the_first_step_and_streams_are_averaged) {
  OracleProblem problem = line(2, 2, 0.5);
  problem.x = {1, 1, 2, 0};
  problem.y = {0, 0, 0, 0};
  // Stream 0: h = 1, 1.5; stream 1: h = 2, 1. c = h. A = (1, 0, 1) = frozen.
  // t = 0: c^ = 2 and 3; b_h gets 5.
  // t = 1: bootstraps 2.5, 2 times 0.5; tau = 1 + 1.25, 2 + 1; predictions 2, 3; errors -0.25, 0.
  // A -= 0.1 * (-0.125) * (1, 0, 1) = (1.0125, 0, 1.0125); c^ = 1.0125 * (2.5 + 2).
  const OracleGradient result = dense_rule(problem, {.name = "dni", .sg_lr = 0.1, .synthesiser = {1, 0, 1}});
  EXPECT_TRUE(close(result.per_step.at("b_h"), {5, 1.0125 * 4.5}, 1e-14));
}

TEST(Dni, a_perfect_synthesiser_gives_the_exact_gradient) {
  // h_t = w h_{t-1} without input or target has total credit h_t / (1 - w^2) on an endless row; on a row cut at T it
  // misses w^(2 (T - t)) of it only.
  OracleProblem problem = line(1, 40, 0.5);
  problem.x.assign(40, 0.0);
  problem.y.assign(40, 0.0);
  problem.h0 = {1.0};
  const OracleGradient result = dense_rule(problem, {.name = "dni", .sg_lr = 0.3, .synthesiser = {1 / 0.75, 0, 0}});
  EXPECT_TRUE(close(result.gradient.at("W_rec"), exact_reverse_mode(problem).gradient.at("W_rec"), 1e-12));
}

}  // namespace
}  // namespace chronograd::checking
