// SPDX-License-Identifier: Apache-2.0
// Rules that a study sets side by side "at equal cost" do as many multiplications a step.
#include <gtest/gtest.h>

#include "cost/workload.hpp"
#include "math/work.hpp"
#include "studies/study.hpp"

namespace chronograd {
namespace {

/// Multiplications a step of forward pass, readout and rule, on the sizes of the study: n inputs, m outputs.
double counted(const Study& study, const std::string& word, int n, int m) {
  const Config config = study.config.with_method(word);
  const auto d = static_cast<int>(config.table("model").integer("hidden")),
             K = static_cast<int>(config.table("update").integer("every"));
  Workload work(config.table("model").word("cell"), word, {d, n, m, 1, K}, false);
  constexpr int before = 50, gradients = 20;  // windows are full by then
  for (int i = 0; i < before; ++i) work.gradient();
  const WorkCount count;
  for (int i = 0; i < gradients; ++i) work.gradient();
  return count.multiplications() / (gradients * K);
}

void expect_equal_cost(const std::string& name, int n, int m, double within) {
  const Study study = read_study(name, false, {});
  for (const StudyRuns& runs : study.runs) {
    const double asked = counted(study, runs.rules[0], n, m);
    for (const std::string& word : runs.rules) EXPECT_NEAR(counted(study, word, n, m) / asked, 1, within) << word;
  }
}

TEST(TraceConditioning, sets_rules_side_by_side_at_equal_cost) {
  expect_equal_cost("trace_conditioning", 12, 1, 0.02);
}

/// Of few units, whose numbers are whole: a twentieth.
TEST(StringMemorisation, sets_rules_side_by_side_at_equal_cost) {
  expect_equal_cost("string_memorisation", 4, 2, 0.05);
}

}  // namespace
}  // namespace chronograd
