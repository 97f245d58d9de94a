// SPDX-License-Identifier: Apache-2.0
// The oracles against reference gradients made by other programs.
#include <gtest/gtest.h>

#include "checking/compare.hpp"
#include "golden/golden_case.hpp"

namespace chronograd::golden {
namespace {

using checking::close;
using checking::OracleGradient;
using checking::OracleProblem;
using checking::RuleDefinition;

constexpr double tolerance = 1e-10;

void expect_trajectory(const OracleGradient& found, const Arrays& file) {
  EXPECT_TRUE(close(found.h, numbers(file.at("h")), tolerance));
  EXPECT_TRUE(close(found.y, numbers(file.at("y")), tolerance));
  EXPECT_TRUE(close({found.loss}, numbers(file.at("loss")), tolerance));
  if (file.count("loss_t") != 0) {
    EXPECT_TRUE(close(found.loss_t, numbers(file.at("loss_t")), tolerance));
  }
}

void expect_rule(const GoldenCase& golden, const Arrays& file, const RuleDefinition& rule, const char* key,
                 bool feedback = false) {
  SCOPED_TRACE(key);
  const auto expected = gradient_of(file, key);
  ASSERT_FALSE(expected.empty());
  const OracleGradient found = dense_rule(problem_of(golden, file, feedback), rule);
  EXPECT_EQ(found.gradient.size(), expected.size());
  EXPECT_TRUE(close(found.gradient, expected, tolerance));
  expect_trajectory(found, file);
}

class GoldenOracles : public testing::TestWithParam<GoldenCase> {};
class GoldenLeaky : public testing::TestWithParam<GoldenCase> {};
class GoldenGated : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenOracles, exact_gradients) {
  const Arrays file = read_golden(GetParam().name);
  const OracleProblem problem = problem_of(GetParam(), file);
  const auto expected = gradient_of(file, "bptt");
  ASSERT_EQ(expected.size(), problem.parameters.size());
  const OracleGradient reverse = exact_reverse_mode(problem), forward = exact_forward_mode(problem);
  expect_trajectory(reverse, file);
  EXPECT_TRUE(close(reverse.gradient, expected, tolerance));
  EXPECT_TRUE(close(forward.gradient, expected, tolerance));
  if (file.count("grad:bptt:x") != 0) {
    EXPECT_TRUE(close(reverse.x, numbers(file.at("grad:bptt:x")), tolerance));
  }
  if (problem.T > 100) return;  // quadratic in T, or one pass a parameter
  EXPECT_TRUE(close(double_sum_past(problem).gradient, expected, tolerance));
  EXPECT_TRUE(close(double_sum_future(problem).gradient, expected, tolerance));
  EXPECT_TRUE(close(central_differences(problem).gradient, expected, 1e-6));
}

TEST_P(GoldenOracles, rtrl_step_by_step) {
  const Arrays file = read_golden(GetParam().name);
  const OracleProblem problem = problem_of(GetParam(), file);
  const OracleGradient found = dense_rule(problem, {.name = "rtrl"});
  EXPECT_TRUE(close(found.gradient, gradient_of(file, "bptt"), tolerance));
  auto expected = with_prefix(file, "grad_t:rtrl:");
  if (GetParam().name.compare(0, 6, "gated_") == 0) {
    EXPECT_TRUE(expected.empty());
    return;
  }
  ASSERT_EQ(expected.size(), problem.parameters.size());
  for (auto& [name, values] : expected)
    for (std::size_t k = 0; name == "W_rec" && !problem.W_rec_mask.empty() && k < values.size(); ++k)
      values[k] *= problem.W_rec_mask[k % problem.W_rec_mask.size()];
  EXPECT_TRUE(close(found.per_step, expected, tolerance));
}

TEST_P(GoldenLeaky, rules) {
  const GoldenCase& golden = GetParam();
  const Arrays file = read_golden(golden.name);
  expect_rule(golden, file, {.name = "rflo"}, "rflo", true);
  expect_rule(golden, file, {.name = "rflo"}, "rflo_symmetric");
  expect_rule(golden, file, {.name = "snap", .n = 1}, "snap1");
  expect_rule(golden, file, {.name = "snap", .n = 2}, "snap2");
  expect_rule(golden, file, {.name = "snap", .n = 3}, "snap3");
  expect_rule(golden, file, {.name = "rtrl"}, "rtrl_random_feedback", true);
  expect_rule(golden, file, {.name = "tbptt", .L = 1}, "tbptt1");
  expect_rule(golden, file, {.name = "tbptt", .L = 4}, "tbptt4");
}

TEST_P(GoldenGated, rules) {
  const GoldenCase& golden = GetParam();
  const Arrays file = read_golden(golden.name);
  expect_rule(golden, file, {.name = "rflo"}, "local");
  expect_rule(golden, file, {.name = "rflo"}, "local_random", true);
  expect_rule(golden, file, {.name = "snap"}, "snap1_unit");
  if (golden.cell == "lstm") expect_rule(golden, file, {.name = "snap", .strict = true}, "snap1_strict");
}

std::string name_of(const testing::TestParamInfo<GoldenCase>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(leaky, GoldenOracles, testing::ValuesIn(leaky_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(gated, GoldenOracles, testing::ValuesIn(gated_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(leaky, GoldenLeaky, testing::ValuesIn(leaky_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(gated, GoldenGated, testing::Values(gated_cases()[4], gated_cases()[5]), name_of);

}  // namespace
}  // namespace chronograd::golden
