// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tasks/reading.hpp"

namespace chronograd {
namespace {

TEST(Circle, TellsAtFirstWhatIsAskedAtLast) {
  const auto task = make_task_of("circle", 1, {{"points", std::int64_t{4}}, {"length", std::int64_t{6}}});
  std::set<std::vector<double>> patterns;
  double x = 0, y = 0;
  for (int row = 0; row < 8; ++row) {
    const Read read(*task, Split::train, row, 0, 6);
    patterns.insert({read.x.begin(), read.x.begin() + 10});
    for (std::size_t i = 10; i < read.x.size(); ++i) EXPECT_EQ(read.x[i], 0);
    for (std::size_t t = 0; t < 6; ++t) EXPECT_EQ(read.mask[t], t == 5 ? 1 : 0);
    EXPECT_NEAR(std::hypot(read.y[10], read.y[11]), 1, 1e-15);
    if (row % 4 == 0) {
      EXPECT_NEAR(read.y[11], 1, 1e-15) << "the first place is (0, 1)";
    }
    x += read.y[10];
    y += read.y[11];
  }
  EXPECT_EQ(patterns.size(), 4U) << "a row's place is that of the row four later";
  EXPECT_NEAR(x, 0, 1e-14);
  EXPECT_NEAR(y, 0, 1e-14);
  EXPECT_EQ(task->references()[0].value, 0.5) << "of the centre: half the squared radius";
  EXPECT_EQ(make_task_of("circle", 1, {{"points", std::int64_t{1}}})->references()[0].value, 0);
}

}  // namespace
}  // namespace chronograd
