// SPDX-License-Identifier: Apache-2.0
// The program's rules against reference gradients made by other programs, with frozen weights.
#include <gtest/gtest.h>

#include <set>

#include "checking/compare.hpp"
#include "checking/problem_task.hpp"
#include "chronograd/gradient.hpp"
#include "golden/golden_case.hpp"

namespace chronograd::golden {
namespace {

using checking::close;
using checking::Named;
using checking::OracleProblem;
using checking::problem_config;
using checking::problem_parameters;
using checking::ProblemSettings;
using checking::ProblemTask;

constexpr double tolerance = 1e-10;

/// What a file's `grad:KEY:*` is in the program. The gradient is the same for every update interval listed (0:
/// "trial").
struct Reference {
  const char* key;
  const char* rule;
  std::map<std::string, std::string> options;
  bool feedback;
  std::vector<int> every;
};

const std::vector<Reference>& runs() {
  static const std::vector<Reference> list = {
      {"bptt", "bptt", {}, false, {0}},
      {"rtrl", "rtrl", {}, false, {1, 3, 0}},
      {"bptt", "rtrl", {}, false, {1, 3, 0}},
      {"bptt", "tbptt", {}, false, {0}},
      {"rtrl_random_feedback", "rtrl", {}, true, {1, 3, 0}},
      {"rtrl_random_feedback", "bptt", {}, true, {0}},
      {"rflo", "rflo", {}, true, {1, 3, 0}},
      {"rflo_symmetric", "rflo", {}, false, {1, 3, 0}},
      {"local", "rflo", {}, false, {1, 3, 0}},
      {"local_random", "rflo", {}, true, {1, 3, 0}},
      {"snap1", "snap", {}, false, {1, 3, 0}},
      {"snap1_unit", "snap", {}, false, {1, 3, 0}},
      {"snap1_strict", "snap", {{"pattern", "\"strict\""}}, false, {1, 3, 0}},
      {"snap2", "snap", {{"n", "2"}}, false, {1, 3, 0}},
      {"snap3", "snap", {{"n", "3"}}, false, {1, 3, 0}},
      {"rtrl", "sparse_rtrl", {}, false, {1, 3, 0}},
      {"rtrl_random_feedback", "sparse_rtrl", {}, true, {1, 3, 0}},
      {"tbptt1", "tbptt", {{"L", "1"}}, false, {1, 3, 0}},
      {"tbptt1", "immediate", {}, false, {1, 3, 0}},
      {"tbptt4", "tbptt", {{"L", "4"}}, false, {4, 8, 0}},
      {"tbptt4", "tbptt", {}, false, {4}},
  };
  return list;
}

std::vector<GoldenCase> cases() {
  std::vector<GoldenCase> all = leaky_cases();
  all.insert(all.end(), gated_cases().begin(), gated_cases().end());
  return all;
}

Named arrays_of(const Arrays& found) {
  Named named;
  for (const auto& [name, array] : found) named[name] = checking::values_of(array);
  return named;
}

void expect_trajectory(const Named& found, const Arrays& file) {
  for (const char* name : {"h", "y", "loss", "loss_t"}) {
    if (file.count(name) == 0) {
      EXPECT_STREQ(name, "loss_t");
      continue;
    }
    EXPECT_TRUE(close(found.at(name), numbers(file.at(name)), tolerance)) << name;
  }
}

class GoldenRules : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenRules, whole_gradients) {
  const Arrays file = read_golden(GetParam().name);
  std::set<std::string> compared;
  for (const Reference& run : runs()) {
    const Named expected = gradient_of(file, run.key);
    if (expected.empty()) continue;
    const OracleProblem problem = problem_of(GetParam(), file, run.feedback);
    ASSERT_EQ(expected.size(), problem.parameters.size()) << run.key;
    for (const int every : run.every) {
      SCOPED_TRACE(std::string(run.key) + " by " + run.rule + ", every " + std::to_string(every));
      const Config config = problem_config(problem, {.rule = run.rule, .options = run.options, .every = every});
      const Named found = arrays_of(gradient(config, ProblemTask(problem), problem_parameters(problem), "golden"));
      EXPECT_TRUE(close(found, expected, tolerance));
      expect_trajectory(found, file);
    }
    compared.insert(run.key);
  }
  // Nothing in the file is left out.
  for (const auto& [name, array] : file) {
    if (name.compare(0, 5, "grad:") != 0) continue;
    const std::string key = name.substr(5, name.find(':', 5) - 5);
    EXPECT_EQ(compared.count(key), 1u) << key;
  }
}

TEST_P(GoldenRules, rtrl_step_by_step) {
  const Arrays file = read_golden(GetParam().name);
  const OracleProblem problem = problem_of(GetParam(), file);
  Named expected = with_prefix(file, "grad_t:rtrl:");
  if (expected.empty()) {
    EXPECT_EQ(GetParam().name, "gated_" + GetParam().cell);
    return;
  }
  ASSERT_EQ(expected.size(), problem.parameters.size());
  const std::vector<double>& mask = problem.W_rec_mask;
  for (std::size_t k = 0; !mask.empty() && k < expected["W_rec"].size(); ++k)
    expected["W_rec"][k] *= mask[k % mask.size()];
  GradientRequest request;
  request.per_step = true;
  const Config config = problem_config(problem, {.rule = "rtrl", .every = 1});
  const Arrays found = gradient(config, ProblemTask(problem), problem_parameters(problem), "golden", request);
  for (const auto& [name, values] : expected)
    EXPECT_TRUE(close(checking::values_of(found.at("grad_t/" + name)), values, tolerance)) << name;
}

TEST_P(GoldenRules, gradient_of_inputs) {
  const Arrays file = read_golden(GetParam().name);
  if (file.count("grad:bptt:x") == 0) {
    EXPECT_NE(GetParam().cell, "leaky");
    return;
  }
  const OracleProblem problem = problem_of(GetParam(), file);
  GradientRequest request;
  request.inputs = true;
  for (const auto& [rule, every] : {std::pair{"bptt", 0}, {"rtrl", 1}, {"rtrl", 3}}) {
    const Config config = problem_config(problem, {.rule = rule, .every = every});
    const Arrays found = gradient(config, ProblemTask(problem), problem_parameters(problem), "golden", request);
    EXPECT_TRUE(close(checking::values_of(found.at("grad/x")), numbers(file.at("grad:bptt:x")), tolerance)) << rule;
  }
}

INSTANTIATE_TEST_SUITE_P(files, GoldenRules, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace chronograd::golden
