// SPDX-License-Identifier: Apache-2.0
// What every rule must keep to on every cell, whatever it computes.
#include <gtest/gtest.h>

#include "chronograd/error.hpp"
#include "conformance/jumps.hpp"
#include "conformance/rule_pair.hpp"
#include "covering.hpp"

namespace chronograd::conformance {
namespace {

constexpr double tolerance = 1e-11;  // the same sums in another order
constexpr const char* losses[] = {"mse", "cross_entropy", "bce"};
constexpr const char* dtypes[] = {"float32", "float64"};

class RuleConformance : public testing::TestWithParam<RulePair> {
 protected:
  const RuleRecord& rule() const { return *GetParam().rule; }
  OracleProblem problem(std::uint64_t seed, RandomOptions options = {}) const {
    options.cell = GetParam().cell->entry.name;
    options.activation = "tanh";
    if (options.loss.empty()) options.loss = "mse";
    if (options.d == 0) options.d = 5;
    if (options.n == 0) options.n = 3;
    if (options.m == 0) options.m = 2;
    if (options.B == 0) options.B = 3;
    if (options.T == 0) options.T = 14;
    options.gain = 0.9;
    return checking::random_problem(seed, options);
  }
};

TEST_P(RuleConformance, no_credit_no_gradient) {
  OracleProblem p = problem(1);
  p.mask.assign(p.B * p.T, 0.0);
  mask_third(p);
  for (const int every : intervals(rule())) {
    const Named found = run_gradient(GetParam(), p, every);
    for (const auto& [name, values] : only_parameters(found, p))
      for (const double v : values) ASSERT_EQ(v, 0) << name;
  }
}

/// Each rule is linear in the errors (and a third factor): losses at single steps add up to the loss of all. A rule
/// that learns a model from targets must see all of them: losses that are not meant are as good as none, but not
/// without a target.
TEST_P(RuleConformance, adds_up_over_the_losses_of_steps) {
  OracleProblem p = problem(2);
  const double none = rule().one_shard ? 1e-200 : 0;
  const checking::Vector third = p.third;
  std::map<std::string, std::string> options = lively_options(rule());
  if (has_option(rule().entry, "squash")) options["squash"] = "\"identity\"";  // tanh of a guess is not linear
  const auto run = [&](int every) {
    const Config config =
        checking::problem_config(p, {.rule = rule().entry.name, .options = options, .every = every, .seed = 11});
    return only_parameters(
        to_named(gradient(config, checking::ProblemTask(p), checking::problem_parameters(p), "test")), p);
  };
  for (const int every : intervals(rule())) {
    p.mask.clear();
    p.third = third;
    const Named expected = run(every);
    Named sum;
    for (int t = 0; t < p.T; ++t) {
      p.mask.assign(p.B * p.T, none);
      for (int b = 0; b < p.B; ++b) p.mask[b * p.T + t] = 1;
      p.third = third;
      mask_third(p);
      for (const auto& [name, values] : run(every)) {
        sum[name].resize(values.size());
        for (std::size_t k = 0; k < values.size(); ++k) sum[name][k] += values[k];
      }
    }
    EXPECT_TRUE(close(sum, expected, tolerance)) << "every " << every;
  }
}

TEST_P(RuleConformance, does_not_depend_on_the_interval) {
  if (rule().segments != Segments::any) {
    // Rules that see a window or a row: their result is a function of the window, checked against oracles.
    EXPECT_FALSE(rule().past_facing);
    return;
  }
  OracleProblem p = problem(3, {.resets = true, .initial_state = true});
  p.reset.assign(p.B * p.T, 0.0);
  for (const int k : {4, 7, 8}) p.reset[k] = p.reset[2 * p.T + k] = 1;
  p.reset[p.T + 5] = 1;
  p.reset[p.T + 13] = 1;
  const Named expected = run_gradient(GetParam(), p, 1);
  for (const int every : {2, 3, 5, 13, 0})
    EXPECT_TRUE(close(run_gradient(GetParam(), p, every), expected, tolerance)) << every;
}

/// What a stream held before a reset leaves no trace in what comes after. (What a rule has learnt of the network is no
/// stream's and stays.)
TEST_P(RuleConformance, a_reset_forgets) {
  OracleProblem p = problem(4, {.masked = true, .resets = true, .initial_state = true});
  const int at = 5;
  p.reset.assign(p.B * p.T, 0.0);
  for (int b = 0; b < p.B; ++b) {
    p.reset[b * p.T + at] = 1;
    for (int t = 0; t < at; ++t) p.mask[b * p.T + t] = 0;
  }
  mask_third(p);
  OracleProblem other = p;
  for (double& h : other.h0) h += 0.7;
  for (double& c : other.c0) c += 0.7;
  for (int b = 0; b < p.B; ++b)
    for (int j = 0; j < at * p.n; ++j) other.x[b * p.T * p.n + j] -= 1.5;
  for (const int every : intervals(rule())) {
    const Named expected = run_gradient(GetParam(), p, every, "float64", true),
                found = run_gradient(GetParam(), other, every, "float64", true);
    EXPECT_NE(found.at("h"), expected.at("h"));
    EXPECT_TRUE(close(only_parameters(found, p), only_parameters(expected, p), tolerance)) << every;
  }
}

TEST_P(RuleConformance, a_reset_cuts_a_row_in_two) {
  // Models inside a rule outlive a reset, and random numbers depend on the step: their sums are not those of two rows.
  if (rule().one_shard || draws_by_step(rule())) return;
  OracleProblem p = problem(5, {.masked = true});
  const int at = 6;  // a multiple of the intervals below: windows begin alike
  p.reset.assign(p.B * p.T, 0.0);
  for (int b = 0; b < p.B; ++b) p.reset[b * p.T + at] = 1;
  for (const int every : intervals(rule())) {
    const Named first = run_gradient(GetParam(), slice(p, 0, at), every),
                second = run_gradient(GetParam(), slice(p, at, p.T), every);
    Named sum = only_parameters(first, p);
    for (auto& [name, values] : sum)
      for (std::size_t k = 0; k < values.size(); ++k) values[k] += second.at(name)[k];
    EXPECT_TRUE(close(only_parameters(run_gradient(GetParam(), p, every), p), sum, tolerance)) << every;
  }
}

TEST_P(RuleConformance, streams_do_not_mix) {
  // A model inside a rule learns from all streams together.
  if (rule().one_shard || rule().promise == Promise::unbiased) return;
  const OracleProblem p = problem(6, {.masked = true, .resets = true});
  for (const int every : intervals(rule())) {
    Named sum;
    for (int b = 0; b < p.B; ++b) {
      OracleProblem one = p;
      one.B = 1;
      const auto pick = [&](checking::Vector& a, int width) {
        a = checking::Vector(a.begin() + b * p.T * width, a.begin() + (b + 1) * p.T * width);
      };
      pick(one.x, p.n);
      pick(one.y, p.m);
      pick(one.third, p.third_numbers());
      pick(one.mask, 1);
      pick(one.reset, 1);
      for (const auto& [name, values] : only_parameters(run_gradient(GetParam(), one, every), p)) {
        sum[name].resize(values.size());
        for (std::size_t k = 0; k < values.size(); ++k) sum[name][k] += values[k];
      }
    }
    EXPECT_TRUE(close(only_parameters(run_gradient(GetParam(), p, every), p), sum, tolerance)) << every;
  }
}

TEST_P(RuleConformance, float_agrees_with_double) {
  // float32 rounds by 6e-8. A gradient sums 14 steps of 3 streams, each through at most 14 contracting Jacobians of 5
  // terms: 42 * 14 * 6e-8 = 4e-5 if all errors lined up, against the largest element, which is a sum of the same terms.
  // kernl's models see differences of states divided by sigma = 1e-3, and learn from them at a rate of 0.02 in 14
  // steps, with states and filtered perturbations of up to 3 each: 6e-8 / 1e-3 * 0.02 * 14 * 9 = 1.5e-4 more.
  const double rounding = has_option(rule().entry, "sigma") ? 1.9e-4 : 4e-5;
  for (const char* loss : losses) {
    const OracleProblem p = problem(7, {.loss = loss, .masked = true, .resets = true});
    for (const int every : intervals(rule())) {
      const Named expected = run_gradient(GetParam(), p, every), found = run_gradient(GetParam(), p, every, "float32");
      EXPECT_TRUE(close(found, expected, rounding)) << loss << ", every " << every;
    }
  }
}

TEST_P(RuleConformance, smallest_sizes_work) {
  constexpr int sizes[][3] = {{1, 1, 1}, {1, 1, 6}, {1, 3, 1}, {4, 1, 1}, {4, 1, 2}, {1, 2, 6}};
  const std::vector<int> allowed = intervals(rule());
  for (const auto& row : covering_rows({std::size(sizes), 2, allowed.size()})) {
    const auto& [d, B, T] = sizes[row[0]];
    const int layers = static_cast<int>(row[1]) + 1;
    const OracleProblem p =
        problem(8, {.loss = "bce", .layers = layers, .d = d, .n = 1, .m = 1, .B = B, .T = T, .initial_state = true});
    const Named found = run_gradient(GetParam(), p, allowed[row[2]]);
    EXPECT_GT(checking::largest_magnitude(found.at(jumps(*GetParam().cell) ? "b_y" : "W_out")), 0);  // nobody may fire
    for (const auto& [name, values] : found)
      for (const double v : values) ASSERT_TRUE(std::isfinite(v)) << name;
    // With one step there is no time to assign credit through.
    if (T == 1 && rule().promise == Promise::exact) {
      EXPECT_TRUE(close(found, exact_reverse_mode(p).gradient, 1e-12));
    }
  }
}

/// The gradient, all of it finite; empty where the model inside the rule ran away.
Named finite_gradient(const RulePair& pair, const OracleProblem& p, int every, const char* dtype) {
  try {
    const Named found = run_gradient(pair, p, every, dtype);
    for (const auto& [name, values] : found)
      for (const double v : values) EXPECT_TRUE(std::isfinite(v)) << name << ", " << dtype << ", every " << every;
    return found;
  } catch (const Error& error) {
    // The state of a linear recurrent unit, or a voltage, is as large as its input, and a linear model that learns from
    // it runs away. That is said, never written down as NaN.
    const std::string cell = pair.cell->entry.name;
    EXPECT_TRUE(pair.rule->one_shard && (cell.starts_with("lru") || cell == "rtu" || jumps(*pair.cell)))
        << error.what();
    EXPECT_EQ(error.code(), Exit::diverged);
    return {};
  }
}

TEST_P(RuleConformance, saturated_units_and_large_inputs_stay_finite) {
  const std::vector<int> allowed = intervals(rule());
  for (const auto& row : covering_rows({std::size(losses), std::size(dtypes), allowed.size(), 2})) {
    OracleProblem p = problem(9, {.loss = losses[row[0]], .d = 9});
    for (double& x : p.x) x *= row[3] == 0 ? 1e3 : 1e6;
    for (const char* name : {"W_rec", "weight_hh_l0"})
      if (p.parameters.count(name) != 0)
        for (double& w : p.parameters[name]) w *= 50;
    finite_gradient(GetParam(), p, allowed[row[2]], dtypes[row[1]]);
  }
}

/// Units that are shut for good, f' = 0 or gates at 0: J and the immediate influence vanish, norms are zero.
TEST_P(RuleConformance, units_that_are_shut_leave_no_nan) {
  const std::vector<int> allowed = intervals(rule());
  for (const auto& row : covering_rows({2, 2, std::size(dtypes), allowed.size()})) {
    OracleProblem p = problem(10, {.layers = static_cast<int>(row[0]) + 1, .initial_state = true});
    if (!p.activation.empty()) p.activation = "relu";
    p.alpha.assign(p.alpha.size(), 1.0);
    for (auto& [name, values] : p.parameters)
      if (name[0] == 'b' && name != "b_y")
        for (double& bias : values) bias = -1e4;
    for (checking::Vector* states : {&p.h0, &p.c0})
      for (double& v : *states) v *= static_cast<double>(row[1]);
    const bool still = std::string(GetParam().cell->entry.name).starts_with("leaky");
    const Named found = finite_gradient(GetParam(), p, allowed[row[3]], dtypes[row[2]]);
    for (const auto& [name, values] : found)
      if (still && p.parameters.count(name) != 0 && name != "b_y") {
        EXPECT_EQ(checking::largest_magnitude(values), 0) << name;
      }
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, RuleConformance, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
