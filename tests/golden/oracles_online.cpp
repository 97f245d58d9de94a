// SPDX-License-Identifier: Apache-2.0
// The online oracle against reference runs of learning with stale memory.
#include <gtest/gtest.h>

#include "checking/compare.hpp"
#include "golden/golden_case.hpp"

namespace chronograd::golden {
namespace {

using checking::close;
using checking::RuleDefinition;

TEST(GoldenOnline, final_parameters_and_losses) {
  const std::vector<std::pair<std::string, RuleDefinition>> rules = {
      {"immediate", {.name = "immediate"}}, {"readout_only", {.name = "readout_only"}},
      {"tbptt", {.name = "tbptt"}},         {"rtrl", {.name = "rtrl"}},
      {"rflo", {.name = "rflo"}},           {"rflo_symmetric", {.name = "rflo"}},
      {"snap1", {.name = "snap", .n = 1}},  {"snap2", {.name = "snap", .n = 2}}};
  int compared = 0;
  for (const OnlineCase& golden : online_cases()) {
    const Arrays file = read_golden(golden.base.name);
    for (const auto& [key, rule] : rules)
      for (const int every : golden.every) {
        const std::string which = key + ":K" + std::to_string(every);
        SCOPED_TRACE(golden.base.name + " " + which);
        const auto expected = with_prefix(file, "final:" + which + ":");
        ASSERT_EQ(expected.size(), 5u);
        const auto found = online(problem_of(golden.base, file, key == "rflo"), rule, every, golden.lr);
        EXPECT_TRUE(close(found.parameters, expected, 1e-9));
        EXPECT_TRUE(close(found.loss_t, numbers(file.at("loss_t:" + which)), 1e-9));
        ++compared;
      }
  }
  EXPECT_EQ(compared, 8 * 7);
}

}  // namespace
}  // namespace chronograd::golden
