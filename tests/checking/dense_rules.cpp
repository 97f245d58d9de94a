// SPDX-License-Identifier: Apache-2.0
// The dense definitions of rules, against limits in which they are known and against literal numbers.
#include <gtest/gtest.h>

#include "checking/compare.hpp"
#include "checking/random_problem.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

const std::vector<std::string> cells = {"leaky", "gru", "lstm"};

OracleProblem problem_of(const std::string& cell, std::uint64_t seed, int T = 8) {
  RandomOptions options;
  options.cell = cell;
  options.d = 4;
  options.n = 3;
  options.m = 2;
  options.B = 2;
  options.T = T;
  options.resets = true;
  return random_problem(seed, options);
}

Vector& recurrent_weights(OracleProblem& problem) {
  return problem.parameters[problem.cell == "leaky" ? "W_rec" : "weight_hh_l0"];
}

std::vector<RuleDefinition> all_rules() {
  return {{.name = "readout_only"},
          {.name = "immediate"},
          {.name = "rflo"},
          {.name = "three_factor"},
          {.name = "rtrl"},
          {.name = "tbptt", .L = 3},
          {.name = "rolling_tbptt", .L = 3},
          {.name = "f_bptt", .L = 3},
          {.name = "snap", .n = 1},
          {.name = "snap", .n = 2},
          {.name = "snap", .n = 1, .strict = true},
          {.name = "uoro", .sign = random_signs(3)},
          {.name = "kf_rtrl", .sign = random_signs(3)},
          {.name = "reverse_kf_rtrl", .sign = random_signs(3)},
          {.name = "ok", .sign = random_signs(3), .r = 2},
          {.name = "kernl", .sign = random_signs(3), .A_lr = 0.05},
          {.name = "pp_prop", .decay = 0.7},
          {.name = "perturb", .sign = random_signs(3)},
          {.name = "perturb", .sign = random_signs(3), .directions = 2, .forward = true},
          {.name = "dni", .sg_lr = 0.05},
          {.name = "dni_b", .sg_lr = 0.05, .squash = false},
          {.name = "dni_window", .L = 3, .sg_lr = 0.05},
          {.name = "bp_lambda", .sg_lr = 0.05}};
}

TEST(DenseRules, per_step_gradients_add_up) {
  for (const std::string& cell : cells)
    for (const RuleDefinition& rule : all_rules()) {
      SCOPED_TRACE(cell + " " + rule.name);
      const OracleProblem problem = problem_of(cell, 1);
      const OracleGradient result = dense_rule(problem, rule);
      Named sum = result.gradient;
      for (auto& [name, values] : sum) {
        const Vector& steps = result.per_step.at(name);
        ASSERT_EQ(steps.size(), values.size() * problem.T);
        for (std::size_t k = 0; k < values.size(); ++k) {
          values[k] = 0;
          for (int t = 0; t < problem.T; ++t) values[k] += steps[t * values.size() + k];
        }
      }
      EXPECT_TRUE(close(sum, result.gradient, 1e-13));
    }
}

TEST(DenseRules, readout_gradient_is_exact_for_every_rule) {
  for (const std::string& cell : cells)
    for (const RuleDefinition& rule : all_rules()) {
      const OracleProblem problem = problem_of(cell, 2);
      const OracleGradient result = dense_rule(problem, rule), exact = exact_reverse_mode(problem);
      EXPECT_TRUE(close(result.gradient.at("W_out"), exact.gradient.at("W_out"), 1e-12));
      EXPECT_TRUE(close(result.gradient.at("b_y"), exact.gradient.at("b_y"), 1e-12));
    }
}

TEST(DenseRules, per_step_gradient_of_rtrl_is_that_of_the_step_s_loss) {
  for (const std::string& cell : cells) {
    OracleProblem problem = problem_of(cell, 3);
    const OracleGradient result = dense_rule(problem, {.name = "rtrl"});
    for (const int t : {0, 3, 7}) {
      problem.mask.assign(problem.B * problem.T, 0.0);
      for (int b = 0; b < problem.B; ++b) problem.mask[b * problem.T + t] = 1;
      for (const auto& [name, values] : exact_reverse_mode(problem).gradient) {
        const auto at = result.per_step.at(name).begin() + t * static_cast<std::ptrdiff_t>(values.size());
        EXPECT_TRUE(close(Vector(at, at + static_cast<std::ptrdiff_t>(values.size())), values, 1e-12)) << name;
      }
    }
  }
}

TEST(DenseRules, are_exact_where_nothing_recurs) {
  for (const std::string& cell : cells) {
    OracleProblem problem = problem_of(cell, 4);
    for (double& a : problem.alpha) a = 0.4;
    for (double& v : recurrent_weights(problem)) v = 0;
    const Named exact = exact_reverse_mode(problem).gradient;
    EXPECT_TRUE(close(dense_rule(problem, {.name = "rflo"}).gradient, exact, 1e-12)) << cell;
    EXPECT_TRUE(close(dense_rule(problem, {.name = "snap"}).gradient, exact, 1e-12)) << cell;
    EXPECT_FALSE(close(dense_rule(problem, {.name = "immediate"}).gradient, exact, 1e-3)) << cell;
  }
}

TEST(DenseRules, snap_1_is_exact_for_lone_units_and_rflo_is_not) {
  for (const std::string& cell : cells) {
    OracleProblem problem = problem_of(cell, 5);
    Vector& W = recurrent_weights(problem);
    problem.W_rec_mask.assign(W.size(), 0.0);
    for (std::size_t k = 0; k < W.size(); ++k) {
      const bool own = k / problem.d % problem.d == k % problem.d;
      problem.W_rec_mask[k] = own ? 1 : 0;
      if (!own) W[k] = 0;
    }
    const Named exact = exact_reverse_mode(problem).gradient;
    EXPECT_TRUE(close(dense_rule(problem, {.name = "snap"}).gradient, exact, 1e-12)) << cell;
    EXPECT_FALSE(close(dense_rule(problem, {.name = "rflo"}).gradient, exact, 1e-3)) << cell;
  }
}

TEST(DenseRules, snap_n_is_exact_when_its_pattern_is_full) {
  for (const std::string& cell : cells) {
    const OracleProblem dense = problem_of(cell, 6);
    const Named exact = exact_reverse_mode(dense).gradient;
    EXPECT_TRUE(close(dense_rule(dense, {.name = "snap", .n = 2}).gradient, exact, 1e-12)) << cell;
    EXPECT_FALSE(close(dense_rule(dense, {.name = "snap", .n = 1}).gradient, exact, 1e-3)) << cell;
    // A ring of d units, each heard by the next: it takes d - 1 hops to reach all.
    OracleProblem ring = dense;
    Vector& W = recurrent_weights(ring);
    ring.W_rec_mask.assign(W.size(), 0.0);
    for (std::size_t k = 0; k < W.size(); ++k)
      if ((k % ring.d + 1) % ring.d == k / ring.d % ring.d)
        ring.W_rec_mask[k] = 1;
      else
        W[k] = 0;
    ring.reset.clear();
    const Named exact_ring = exact_reverse_mode(ring).gradient;
    EXPECT_FALSE(close(dense_rule(ring, {.name = "snap", .n = 3}).gradient, exact_ring, 1e-12)) << cell;
    EXPECT_TRUE(close(dense_rule(ring, {.name = "snap", .n = 4}).gradient, exact_ring, 1e-12)) << cell;
  }
}

TEST(DenseRules, immediate_is_tbptt_over_one_step) {
  for (const std::string& cell : cells) {
    const OracleProblem problem = problem_of(cell, 7);
    const OracleGradient immediate = dense_rule(problem, {.name = "immediate"});
    EXPECT_TRUE(close(dense_rule(problem, {.name = "tbptt", .L = 1}).gradient, immediate.gradient, 1e-13));
    EXPECT_TRUE(close(dense_rule(problem, {.name = "tbptt"}, 1).gradient, immediate.gradient, 1e-13));
  }
}

TEST(DenseRules, windows_over_the_row_are_exact_and_of_one_step_immediate) {
  for (const std::string& cell : cells) {
    const OracleProblem problem = problem_of(cell, 14);
    const Named exact = exact_reverse_mode(problem).gradient;
    const Named immediate = dense_rule(problem, {.name = "immediate"}).gradient;
    for (const char* name : {"rolling_tbptt", "f_bptt"}) {
      for (const int L : {0, problem.T, problem.T + 3})
        EXPECT_TRUE(close(dense_rule(problem, {.name = name, .L = L}).gradient, exact, 1e-12)) << name << L;
      EXPECT_TRUE(close(dense_rule(problem, {.name = name, .L = 1}).gradient, immediate, 1e-13)) << name;
      EXPECT_FALSE(close(dense_rule(problem, {.name = name, .L = 3}).gradient, exact, 1e-6)) << name;
    }
  }
}

/// Both sum c_t dh_t/dtheta_s over all t - L < s <= t; one adds a pair when t is there, the other L - 1 steps after s.
TEST(DenseRules, sliding_windows_differ_in_when_they_charge) {
  for (const std::string& cell : cells) {
    const OracleProblem problem = problem_of(cell, 15);
    for (const int L : {2, 5}) {
      const OracleGradient past = dense_rule(problem, {.name = "rolling_tbptt", .L = L}),
                           future = dense_rule(problem, {.name = "f_bptt", .L = L});
      EXPECT_TRUE(close(past.gradient, future.gradient, 1e-12)) << cell << L;
      const std::string bias = cell == "leaky" ? "b_h" : "bias_hh_l0";
      const Vector& steps = future.per_step.at(bias);
      const auto size = static_cast<std::ptrdiff_t>(problem.parameters.at(bias).size());
      EXPECT_EQ(largest_magnitude(Vector(steps.begin(), steps.begin() + (L - 1) * size)), 0);
      EXPECT_GT(largest_magnitude(Vector(steps.begin() + (L - 1) * size, steps.begin() + L * size)), 0);
    }
  }
}

/// The steps [from, to) of a problem as a problem of its own, which starts from the state that `before` ended in.
OracleProblem piece(const OracleProblem& whole, int from, int to, const Named& parameters) {
  OracleProblem part = whole;
  part.parameters = parameters;
  part.T = to - from;
  part.x.clear();
  part.y.clear();
  part.third.clear();
  part.reset.clear();
  for (int b = 0; b < whole.B; ++b) {
    const auto copy = [&](const Vector& source, Vector& target, int width) {
      const auto row = source.begin() + b * whole.T * width;
      target.insert(target.end(), row + from * width, row + to * width);
    };
    copy(whole.x, part.x, whole.n);
    copy(whole.y, part.y, whole.m);
    copy(whole.third, part.third, whole.third_numbers());
    copy(whole.reset, part.reset, 1);
  }
  return part;
}

/// The h and the c (lstm) of states [B][S d].
void split_states(const Vector& states, const OracleProblem& problem, Vector& h, Vector& c) {
  const std::ptrdiff_t d = problem.d, width = static_cast<std::ptrdiff_t>(states.size()) / problem.B;
  h.clear();
  c.clear();
  for (auto state = states.begin(); state != states.end(); state += width) {
    h.insert(h.end(), state, state + d);
    c.insert(c.end(), state + d, state + width);
  }
}

TEST(DenseRules, tbptt_learns_online_as_exact_gradients_of_pieces_do) {
  for (const std::string& cell : cells) {
    const OracleProblem problem = problem_of(cell, 8, 11);
    Named parameters = problem.parameters;
    Vector h0, c0;
    double loss = 0;
    for (int from = 0; from < problem.T; from += 4) {
      OracleProblem part = piece(problem, from, std::min(problem.T, from + 4), parameters);
      part.h0 = h0;
      part.c0 = c0;
      const OracleGradient exact = exact_reverse_mode(part);
      split_states(exact.end, part, h0, c0);
      loss += exact.loss;
      for (auto& [name, values] : parameters)
        for (std::size_t k = 0; k < values.size(); ++k) values[k] -= 0.05 * exact.gradient.at(name)[k];
    }
    const OracleGradient learnt = online(problem, {.name = "tbptt"}, 4, 0.05);
    EXPECT_TRUE(close(learnt.parameters, parameters, 1e-12)) << cell;
    EXPECT_NEAR(learnt.loss, loss, 1e-11 * loss);
  }
}

TEST(DenseRules, one_interval_a_row_is_one_gradient_step) {
  for (const std::string& cell : cells)
    for (const RuleDefinition& rule : all_rules()) {
      const OracleProblem problem = problem_of(cell, 9);
      const OracleGradient frozen = dense_rule(problem, rule), learnt = online(problem, rule, 0, 0.1);
      EXPECT_TRUE(close(learnt.gradient, frozen.gradient, 1e-14));
      for (const auto& [name, values] : frozen.gradient)
        for (std::size_t k = 0; k < values.size(); ++k)
          EXPECT_NEAR(learnt.parameters.at(name)[k], problem.parameters.at(name)[k] - 0.1 * values[k], 1e-14);
    }
}

TEST(DenseRules, memory_outlives_an_update) {
  for (const std::string& cell : cells) {
    const OracleProblem problem = problem_of(cell, 10, 12);
    for (const RuleDefinition& rule : all_rules()) {
      if (rule.name == "tbptt" || rule.name == "dni_window" || rule.name == "perturb") continue;  // an interval's own
      EXPECT_TRUE(close(dense_rule(problem, rule, 5).gradient, dense_rule(problem, rule).gradient, 1e-14)) << rule.name;
    }
  }
}

TEST(DenseRules, windows_of_tbptt_count_from_each_interval_s_start) {
  for (const std::string& cell : cells) {
    const OracleProblem problem = problem_of(cell, 10, 12);
    Named sum;
    Vector h0, c0;
    const std::vector<int> borders = {0, 3, 5, 8, 10, 12};  // windows of 3 in intervals of 5
    for (std::size_t w = 0; w + 1 < borders.size(); ++w) {
      OracleProblem part = piece(problem, borders[w], borders[w + 1], problem.parameters);
      part.h0 = h0;
      part.c0 = c0;
      const OracleGradient exact = exact_reverse_mode(part);
      split_states(exact.end, part, h0, c0);
      for (const auto& [name, values] : exact.gradient) {
        sum[name].resize(values.size(), 0.0);
        for (std::size_t k = 0; k < values.size(); ++k) sum[name][k] += values[k];
      }
    }
    EXPECT_TRUE(close(dense_rule(problem, {.name = "tbptt", .L = 3}, 5).gradient, sum, 1e-12)) << cell;
    EXPECT_FALSE(close(dense_rule(problem, {.name = "tbptt", .L = 3}).gradient, sum, 1e-6)) << cell;
  }
}

TEST(DenseRules, absent_weights_get_no_gradient) {
  for (const std::string& cell : cells)
    for (const RuleDefinition& rule : all_rules()) {
      RandomOptions options;
      options.cell = cell;
      options.d = 4;
      options.T = 6;
      options.sparse = true;
      const OracleProblem problem = random_problem(13, options);
      const Vector W = online(problem, rule, 2, 0.1).parameters.at(cell == "leaky" ? "W_rec" : "weight_hh_l0");
      bool moved = false;
      for (std::size_t k = 0; k < W.size(); ++k) {
        if (problem.W_rec_mask[k] == 0) {
          EXPECT_EQ(W[k], 0);
        }
        moved = moved || W[k] != problem.parameters.at(cell == "leaky" ? "W_rec" : "weight_hh_l0")[k];
      }
      EXPECT_EQ(moved, rule.name != "readout_only") << rule.name;
    }
}

TEST(DenseRules, weights_of_streams_and_feedback_scale_as_they_should) {
  for (const std::string& cell : cells)
    for (const RuleDefinition& rule : all_rules()) {
      if (rule.name == "three_factor") continue;  // its signal is what it is
      OracleProblem problem = problem_of(cell, 12);
      const OracleGradient plain = dense_rule(problem, rule);
      problem.feedback.clear();  // W_out^T, written out
      for (int i = 0; i < problem.d; ++i)
        for (int k = 0; k < problem.m; ++k) problem.feedback.push_back(problem.parameters["W_out"][k * problem.d + i]);
      EXPECT_TRUE(close(dense_rule(problem, rule).gradient, plain.gradient, 1e-14)) << rule.name;
      problem.weight.assign(problem.B, 0.25);
      Named quarter = dense_rule(problem, rule).gradient;
      for (auto& [name, values] : quarter)
        for (double& v : values) v *= 4;
      EXPECT_TRUE(close(quarter, plain.gradient, 1e-12)) << rule.name;
    }
}

TEST(DenseRules, refuse_what_they_cannot_take) {
  const OracleProblem problem = problem_of("leaky", 1);
  EXPECT_THROW(dense_rule(problem, {.name = "rtlr"}), Error);
  EXPECT_THROW(dense_rule(problem, {.name = "snap", .n = 0}), Error);
  EXPECT_THROW(dense_rule(problem, {.name = "uoro"}), Error);
  EXPECT_THROW(dense_rule(problem, {.name = "dni", .refresh = 0}), Error);
  EXPECT_THROW(dense_rule(problem, {.name = "dni", .synthesiser = {1.0}}), Error);
  EXPECT_THROW(dense_rule(problem, {.name = "tbptt", .L = -1}), Error);
  EXPECT_THROW(online(problem, {.name = "rtrl"}, -1, 0.1), Error);
}

}  // namespace
}  // namespace chronograd::checking
