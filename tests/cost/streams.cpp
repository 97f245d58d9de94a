// SPDX-License-Identifier: Apache-2.0
// The memory of a stream does not grow with its length: a million steps of every rule, with the resident size watched.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "conformance/rule_pair.hpp"
#include "cost/workload.hpp"

namespace chronograd::conformance {
namespace {

double resident_bytes() {
  std::ifstream status("/proc/self/statm");
  double whole = 0, resident = 0;
  status >> whole >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

class RuleStream : public testing::TestWithParam<const RuleRecord*> {};

TEST_P(RuleStream, keeps_its_size) {
  const RuleRecord& rule = *GetParam();
  if (resident_bytes() == 0) GTEST_SKIP() << "no /proc/self/statm";
  if (rule.segments == Segments::row) GTEST_SKIP() << "wants whole rows";
  Workload work("leaky", rule.entry.name, {2, 1, 1, 1, 1}, false);
  for (int i = 0; i < 1000; ++i) work.interval();
  const double before = resident_bytes();
  const std::size_t kept = work.rule_bytes();
  for (int i = 0; i < 1'000'000; ++i) work.interval();
  EXPECT_LT(resident_bytes() - before, 256e3);
  EXPECT_EQ(work.rule_bytes(), kept);
  EXPECT_TRUE(std::isfinite(work.first_gradient()));
}

INSTANTIATE_TEST_SUITE_P(catalogue, RuleStream,
                         testing::ValuesIn(catalogue<RuleRecord>().begin(), catalogue<RuleRecord>().end()),
                         [](const auto& test) { return std::string(test.param->entry.name); });

}  // namespace
}  // namespace chronograd::conformance
