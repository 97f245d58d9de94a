// SPDX-License-Identifier: Apache-2.0
// After the first segment a rule takes nothing from the heap. Every malloc of this program is counted; those inside
// oneDNN's product are the library's.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>

#include "bench/allocations.hpp"
#include "chronograd/train.hpp"
#include "conformance/rule_pair.hpp"
#include "cost/workload.hpp"

namespace chronograd::conformance {
namespace {

using bench::Allocations;
using bench::allocations;

class RuleHeap : public testing::TestWithParam<RulePair> {
 protected:
  Allocations made(const Size& size, bool row) const {
    // Steps that wait were taken together twice by then, and are again afterwards.
    const bool blocks = has_option(GetParam().rule->entry, "block");
    Workload work(GetParam().cell->entry.name, GetParam().rule->entry.name + std::string(blocks ? "(block=4)" : ""),
                  size, row);
    for (int i = 0; i < (blocks ? 10 : 2); ++i) work.interval();
    const Allocations before = allocations();
    for (int i = 0; i < 6; ++i) work.interval();
    return allocations() - before;
  }
};

TEST_P(RuleHeap, takes_nothing_after_the_first_segments) {
  const bool row = GetParam().rule->segments == Segments::row;
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

/// Units that recur with themselves alone need memory in proportion to their number: d^2 numbers of 4 bytes would be
/// 10 GB here.
TEST(Heap, of_element_wise_cells_grows_with_the_units) {
  for (const std::string cell : {"leaky_diagonal", "lru", "lru_real"})
    for (const std::string rule :
         {"rtrl", "sparse_rtrl", "rflo", "eprop", "snap", "snap(n=2)", "snap(n=3, pattern=strict)", "uoro", "tbptt"}) {
      SCOPED_TRACE(cell + ", " + rule);
      const Config config = Config::parse(
                                "[model]\nhidden=50000\n[loss]\nname='mse'\n[update]\nevery=2\n[task]\nname='sine'\n"
                                "[train]\nupdates=2\ntest_steps=1\n",
                                "test", {"model.cell=" + cell, "rule.name=rtrl"})
                                .with_method(rule);
      EXPECT_EQ(train(config, *make_task(config)).status, RunResult::Status::done);
      rusage usage{};
      ASSERT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
      ASSERT_LT(usage.ru_maxrss, 700 << 10) << "kB";
    }
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
