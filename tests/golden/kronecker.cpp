// SPDX-License-Identifier: Apache-2.0
// Rules that keep the influence in products, and kernl: the program's and their dense definitions against reference
// runs of learning online, with resets, masks, first states, absent weights, random feedback and stacks, and against
// gradients under frozen weights.
#include <gtest/gtest.h>

#include "checking/compare.hpp"
#include "checking/problem_task.hpp"
#include "chronograd/gradient.hpp"
#include "chronograd/random.hpp"
#include "chronograd/train.hpp"
#include "golden/golden_case.hpp"

namespace chronograd::golden {
namespace {

using checking::Named;
using checking::OracleProblem;
using checking::RuleDefinition;
using checking::Vector;
using Words = std::map<std::string, std::string>;

/// What the file's `meta` says.
struct Case {
  const char* name;
  const char* cell;
  int layers;
  Vector alpha;
  std::uint64_t seed;
  bool feedback = false;
};
void PrintTo(const Case& test, std::ostream* out) {
  *out << test.name;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {{"kron_elman", "leaky", 1, Vector(5, 1.0), 201},
                                        {"kron_leaky", "leaky", 1, Vector(4, 0.5), 202},
                                        {"kron_gru", "gru", 1, {}, 203},
                                        {"kron_lstm", "lstm", 1, {}, 204, true},
                                        {"kron_stack", "leaky", 2, Vector(3, 0.6), 205},
                                        {"kron_start", "leaky", 1, {0.4, 0.9, 0.6, 1.0}, 206}};
  return all;
}

struct Reference {
  const char* label;
  const char* rule;
  Words options;
  int every, epochs = 1;
};

const std::vector<Reference>& runs() {
  static const Words exp = {{"gamma", "0.5"}, {"sigma", "1e-3"}, {"A_lr", "0.03"}, {"gamma_lr", "0.02"}},
                     linear = {{"kernel", "\"linear\""}, {"gamma", "0.3"},     {"sigma", "1e-2"},
                               {"A_lr", "0.03"},         {"gamma_lr", "0.02"}, {"perturb", "\"before\""}},
                     resync = {
                         {"gamma", "0.4"}, {"sigma", "1e-2"}, {"A_lr", "0.05"}, {"gamma_lr", "0.05"}, {"resync", "4"}};
  static const std::vector<Reference> all = {
      {"uoro:K1", "uoro", {}, 1},
      {"uoro:K4", "uoro", {}, 4},
      {"kf_rtrl:K1", "kf_rtrl", {}, 1},
      {"kf_rtrl:K4", "kf_rtrl", {}, 4},
      {"reverse_kf_rtrl:K1", "reverse_kf_rtrl", {}, 1},
      {"reverse_kf_rtrl:K4", "reverse_kf_rtrl", {}, 4},
      {"ok1:K1", "ok", {{"r", "1"}}, 1},
      {"ok2:K1", "ok", {{"r", "2"}}, 1},
      {"ok3:K4", "ok", {{"r", "3"}}, 4},
      {"ok10:K1", "ok", {{"r", "10"}}, 1},
      {"kernl:exp", "kernl", exp, 1},
      {"kernl:linear", "kernl", linear, 4},
      {"kernl:resync", "kernl", resync, 1},
      {"kernl:frozen", "kernl", {{"A_lr", "0.0"}, {"gamma_lr", "0.0"}, {"gamma", "0.6"}}, 1},
      {"kf_rtrl:twice", "kf_rtrl", {}, 3, 2},
      {"ok:twice", "ok", {{"r", "2"}}, 3, 2},
      {"kernl:twice", "kernl", {{"A_lr", "0.04"}, {"gamma_lr", "0.03"}, {"gamma", "0.3"}}, 3, 2},
  };
  return all;
}

constexpr double rate = 0.02;

OracleProblem problem_of(const Case& test, const Arrays& file) {
  GoldenCase golden{test.name, test.cell, "mse", "identity"};
  OracleProblem problem = golden::problem_of(golden, file, test.feedback);
  problem.layers = test.layers;
  problem.alpha = test.alpha;
  for (const char* name : {"W_rec_l1", "W_in_l1", "b_h_l1"})
    if (file.count(name) != 0) problem.parameters[name] = numbers(file.at(name));
  return problem;
}

/// The names of parameters in the order in which the files' flat arrays have them.
std::vector<std::string> order_of(const Case& test) {
  if (test.cell != std::string("leaky"))
    return {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "W_out", "b_y"};
  std::vector<std::string> names = {"W_rec", "W_in", "b_h"};
  if (test.layers == 2) names.insert(names.end(), {"W_rec_l1", "W_in_l1", "b_h_l1"});
  names.insert(names.end(), {"W_out", "b_y"});
  return names;
}

Vector flat(const Case& test, const Named& arrays) {
  Vector all;
  for (const std::string& name : order_of(test)) all.insert(all.end(), arrays.at(name).begin(), arrays.at(name).end());
  return all;
}

Vector flat(const Case& test, const Arrays& arrays) {
  Named named;
  for (const std::string& name : order_of(test)) named[name] = checking::values_of(arrays.at(name));
  return flat(test, named);
}

Config config_of(const Case& test, const Reference& run, const OracleProblem& problem) {
  return checking::problem_config(
             problem, {.rule = run.rule, .options = run.options, .every = run.every, .lr = rate, .seed = test.seed})
      .with({"train.epochs=" + std::to_string(run.epochs)});
}

RuleDefinition definition_of(const Case& test, const Reference& run) {
  RuleDefinition rule{.name = run.rule};
  const auto number = [&](const char* key, double fallback) {
    const auto found = run.options.find(key);
    return found == run.options.end() ? fallback : std::stod(found->second);
  };
  rule.r = static_cast<int>(number("r", rule.r));
  rule.gamma = number("gamma", rule.gamma);
  rule.sigma = number("sigma", rule.sigma);
  rule.A_lr = number("A_lr", rule.A_lr);
  rule.gamma_lr = number("gamma_lr", rule.gamma_lr);
  rule.resync = static_cast<int>(number("resync", 0));
  rule.linear_kernel = run.options.count("kernel") != 0;
  rule.perturb_before = run.options.count("perturb") != 0;
  rule.sign = run.rule == std::string("kernl") ? checking::drawn_normals(test.seed) : checking::drawn_signs(test.seed);
  return rule;
}

/// A change of the weights by 1e-13 changes no run by more than 6e-12 of what it learns, so that rounding (1e-16 of the
/// weights, in each of at most 48 updates) comes to 48 * 60 * 1e-16 = 3e-13. kernl divides differences of states by
/// sigma = 1e-3, which makes rounding 1e-13, and learns from that at rates of 0.05 in at most 48 steps: 2e-13.
constexpr double tolerance = 1e-12;

/// max|a - b| / max|b - from|
double distance(const Vector& a, const Vector& b, const Vector& from) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0, change = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    most = std::max(most, std::abs(a[i] - b[i]));
    change = std::max(change, std::abs(b[i] - from[i]));
  }
  EXPECT_GT(change, 0);
  return most / change;
}

class GoldenKronecker : public testing::TestWithParam<Case> {};

TEST_P(GoldenKronecker, online_runs) {
  const Case& test = GetParam();
  const Arrays file = read_golden(test.name);
  const OracleProblem problem = problem_of(test, file);
  const Arrays parameters = checking::problem_parameters(problem);
  const Vector start = flat(test, parameters);
  int compared = 0;
  for (const Reference& run : runs()) {
    SCOPED_TRACE(run.label);
    const Vector expected = numbers(file.at(std::string("final:") + run.label));
    RunOptions options;
    options.parameters = &parameters;
    const RunResult found = train(config_of(test, run, problem), checking::ProblemTask(problem), options);
    EXPECT_EQ(found.status, RunResult::Status::done);
    EXPECT_LT(distance(flat(test, found.parameters), expected, start), tolerance);
    if (run.epochs == 1) {  // the oracle knows one row alone
      const auto dense = online(problem, definition_of(test, run), run.every, rate);
      EXPECT_LT(distance(flat(test, dense.parameters), expected, start), tolerance) << "dense";
    }
    ++compared;
  }
  for (const auto& [name, array] : file) compared -= name.compare(0, 6, "final:") == 0 ? 1 : 0;
  EXPECT_EQ(compared, 0) << "nothing in the file is left out";
}

TEST_P(GoldenKronecker, gradients_under_frozen_weights) {
  const Case& test = GetParam();
  const Arrays file = read_golden(test.name);
  const OracleProblem problem = problem_of(test, file);
  int compared = 0;
  for (const Reference& run : runs()) {
    const auto array = file.find(std::string("grad:") + run.label);
    if (array == file.end()) continue;
    const Vector expected = numbers(array->second), zero(expected.size(), 0.0);
    for (const int every : {1, 3, 0}) {
      SCOPED_TRACE(std::string(run.label) + ", every " + std::to_string(every));
      Reference other = run;
      other.every = every;
      const Arrays found = gradient(config_of(test, other, problem), checking::ProblemTask(problem),
                                    checking::problem_parameters(problem), "golden");
      EXPECT_LT(distance(flat(test, found), expected, zero), tolerance);
    }
    EXPECT_LT(distance(flat(test, dense_rule(problem, definition_of(test, run)).gradient), expected, zero), tolerance);
    ++compared;
  }
  EXPECT_EQ(compared, 9);
}

/// The numbers that rules draw are part of what they are.
TEST_P(GoldenKronecker, draws) {
  const Case& test = GetParam();
  const Arrays file = read_golden(test.name);
  int compared = 0;
  for (const auto& [name, array] : file) {
    if (name.compare(0, 3, "nu:") != 0) continue;
    const auto draw = name == "nu:kernl" ? checking::drawn_normals(test.seed) : checking::drawn_signs(test.seed);
    const auto B = static_cast<int>(array.shape.at(0)), T = static_cast<int>(array.shape.at(1)),
               count = static_cast<int>(array.shape.at(2));
    for (int b = 0; b < B; ++b)
      for (int t = 0; t < T; ++t)
        for (int i = 0; i < count; ++i)
          ASSERT_NEAR(draw(b, t, i), array.at(static_cast<std::size_t>((b * T + t) * count + i)), 1e-14) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

INSTANTIATE_TEST_SUITE_P(files, GoldenKronecker, testing::ValuesIn(cases()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace chronograd::golden
