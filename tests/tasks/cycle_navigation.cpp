// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tasks/reading.hpp"

namespace chronograd {
namespace {

TEST(CycleNavigation, TargetIsThePlaceAfterTheMoves) {
  constexpr int T = 11, places = 5;
  for (const bool all : {false, true}) {
    const auto task = make_task_of("cycle_navigation", 4,
                                   {{"length", std::int64_t{T}}, {"loss_on", std::string(all ? "all" : "end")}});
    EXPECT_EQ(task->length(Split::train), T);
    int moves[3] = {}, ends[places] = {};
    const int rows = 3000;
    for (int row = 0; row < rows; ++row) {
      const Read read(*task, Split::train, row, 0, T);
      int place = 0;
      for (std::size_t t = 0; t < T; ++t) {
        int chosen = -1;
        for (int i = 0; i < 3; ++i)
          if (read.x[3 * t + static_cast<std::size_t>(i)] == 1) {
            EXPECT_EQ(chosen, -1);
            chosen = i;
          }
        ASSERT_GE(chosen, 0);
        ++moves[chosen];
        place = (place + chosen - 1 + places) % places;
        for (int i = 0; i < places; ++i)
          EXPECT_EQ(read.y[places * t + static_cast<std::size_t>(i)], i == place ? 1 : 0);
        EXPECT_EQ(read.mask[t], all || t == T - 1 ? 1 : 0);
      }
      ++ends[place];
      // From the middle of a row it is the same walk.
      const Read later(*task, Split::train, row, 6, 3);
      for (std::size_t i = 0; i < 3 * places; ++i) EXPECT_EQ(later.y[i], read.y[6 * places + i]);
    }
    // Standard deviations: below 0.003 of the share of a move, 0.008 of that of a place; five of them.
    for (const int count : moves) EXPECT_NEAR(count / double(rows * T), 1.0 / 3, 0.015);
    for (const int count : ends) EXPECT_NEAR(count / double(rows), 1.0 / places, 0.04);
    EXPECT_NEAR(task->references()[0].value, std::log(5.0), 1e-15);
  }
}

}  // namespace
}  // namespace chronograd
