// SPDX-License-Identifier: Apache-2.0
// After the first segment a rule takes nothing from the heap. Every malloc of this program is counted; those inside
// oneDNN's product are the library's.
#include <gtest/gtest.h>

#include <memory>

#include "bench/allocations.hpp"
#include "conformance/rule_pair.hpp"
#include "reporting/workload.hpp"

namespace chronograd::conformance {
namespace {

using bench::Allocations;
using bench::allocations;

class RuleHeap : public testing::TestWithParam<RulePair> {
 protected:
  Allocations made(const Size& size, bool row) const {
    Workload work(GetParam().cell->entry.name, GetParam().rule->entry.name, size, row);
    for (int i = 0; i < 2; ++i) work.interval();
    const Allocations before = allocations();
    for (int i = 0; i < 6; ++i) work.interval();
    return allocations() - before;
  }
};

TEST_P(RuleHeap, takes_nothing_after_the_first_segments) {
  const bool row = GetParam().rule->window == Window::row;
  for (const Size& size : {Size{20, 3, 2, 1, 1}, Size{20, 3, 2, 1, 7}, Size{20, 3, 2, 3, 1}, Size{33, 5, 3, 9, 12}}) {
    SCOPED_TRACE("B = " + std::to_string(size.streams) + ", K = " + std::to_string(size.steps));
    const Allocations made = this->made(size, row);
    EXPECT_EQ(made.ours, 0);
    EXPECT_EQ(made.libraries, 0);  // products of this size go to libxsmm or to loops of our own
  }
}

TEST(Heap, counts_what_is_taken) {
  const Allocations before = allocations();
  const auto one = std::make_unique<int>(1);
  const Buffer<float> another(100);
  EXPECT_EQ((allocations() - before).ours, 2);
  EXPECT_EQ(*one, 1);
  EXPECT_EQ(another[0], 0);
}

/// Large products may take a block a call, inside the library alone.
TEST(Heap, is_the_librarys_own_in_large_products) {
  Workload work("leaky", "rtrl", {96, 8, 2, 1, 1}, false);
  for (int i = 0; i < 2; ++i) work.interval();
  const Allocations before = allocations();
  for (int i = 0; i < 10; ++i) work.interval();
  const Allocations made = allocations() - before;
  EXPECT_EQ(made.ours, 0);
  EXPECT_LE(made.libraries, 10);
}

INSTANTIATE_TEST_SUITE_P(catalogue, RuleHeap, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
