// SPDX-License-Identifier: Apache-2.0
// The program's learning against reference runs with stale memory, resets and sparse weights.
#include <gtest/gtest.h>

#include "checking/compare.hpp"
#include "checking/problem_task.hpp"
#include "chronograd/train.hpp"
#include "golden/golden_case.hpp"

namespace chronograd::golden {
namespace {

using checking::close;
using checking::OracleProblem;

struct Reference {
  const char* key;
  const char* rule;
  std::map<std::string, std::string> options = {};
};

TEST(GoldenLearning, final_parameters) {
  const Reference runs[] = {{"immediate", "immediate"},
                            {"readout_only", "readout_only"},
                            {"tbptt", "tbptt"},
                            {"rtrl", "rtrl"},
                            {"rtrl", "sparse_rtrl"},
                            {"rflo", "rflo"},
                            {"rflo_symmetric", "rflo"},
                            {"snap1", "snap"},
                            {"snap2", "snap", {{"n", "2"}}}};
  int compared = 0;
  for (const OnlineCase& golden : online_cases()) {
    const Arrays file = read_golden(golden.base.name);
    for (const Reference& run : runs)
      for (const int every : golden.every) {
        const std::string which = std::string(run.key) + ":K" + std::to_string(every);
        SCOPED_TRACE(golden.base.name + " " + which);
        const auto expected = with_prefix(file, "final:" + which + ":");
        ASSERT_EQ(expected.size(), 5u);
        const OracleProblem problem = problem_of(golden.base, file, run.key == std::string("rflo"));
        const Config config = checking::problem_config(
            problem, {.rule = run.rule, .options = run.options, .every = every, .lr = golden.lr});
        const Arrays parameters = checking::problem_parameters(problem);
        RunOptions options;
        options.parameters = &parameters;
        const RunResult found = train(config, checking::ProblemTask(problem), options);
        EXPECT_EQ(found.status, RunResult::Status::done);
        for (const auto& [name, values] : expected)
          EXPECT_TRUE(close(checking::values_of(found.parameters.at(name)), values, 1e-9)) << name;
        ++compared;
      }
  }
  EXPECT_EQ(compared, 9 * 7);
}

}  // namespace
}  // namespace chronograd::golden
