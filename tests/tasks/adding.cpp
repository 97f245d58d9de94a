// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "tasks/reading.hpp"

namespace chronograd {
namespace {

TEST(Adding, TargetIsTheSumOfTwoMarkedNumbers) {
  const std::size_t T = 7;
  const auto task = make_task_of("adding", 4, {{"length", std::int64_t{7}}});
  EXPECT_EQ(task->length(Split::train), 7);
  std::set<std::size_t> firsts, seconds;
  double sum = 0, squares = 0, known = 0;
  const int rows = 4000;
  for (int row = 0; row < rows; ++row) {
    const Read read(*task, Split::train, row, 0, static_cast<int>(T));
    std::vector<std::size_t> marked;
    for (std::size_t t = 0; t < T; ++t) {
      ASSERT_GE(read.x[2 * t], 0);
      ASSERT_LT(read.x[2 * t], 1);
      if (read.x[2 * t + 1] == 1) marked.push_back(t);
      EXPECT_EQ(read.mask[t], t == T - 1 ? 1 : 0);
    }
    ASSERT_EQ(marked.size(), 2U);
    firsts.insert(marked[0]);
    seconds.insert(marked[1]);
    const double y = read.y[T - 1];
    EXPECT_EQ(y, read.x[2 * marked[0]] + read.x[2 * marked[1]]);
    sum += y;
    squares += y * y;
    known += 0.5 * (y - read.x[2 * marked[0]] - 0.5) * (y - read.x[2 * marked[0]] - 0.5) / rows;
  }
  EXPECT_EQ(firsts, (std::set<std::size_t>{0, 1, 2}));
  EXPECT_EQ(seconds, (std::set<std::size_t>{3, 4, 5, 6}));
  const std::vector<Reference> references = task->references();
  // Standard deviations of the estimates: below 0.0012 and 0.0006 with 4000 rows; four of them.
  EXPECT_NEAR(0.5 * (squares / rows - sum / rows * (sum / rows)), references[0].value, 0.005);
  EXPECT_NEAR(known, references[1].value, 0.0025);
  EXPECT_EQ(references[2].value, 0);
}

}  // namespace
}  // namespace chronograd
