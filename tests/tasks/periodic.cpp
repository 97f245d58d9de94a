// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tasks/reading.hpp"

namespace chronograd {
namespace {

TEST(Periodic, IsThreeSinesWithoutInput) {
  const auto task = make_task_of("periodic", 0, {{"period", std::int64_t{40}}, {"length", std::int64_t{100}}});
  EXPECT_EQ(task->length(Split::train), 100);
  const Read read(*task, Split::train, 3, 0, 100);
  for (std::size_t t = 0; t < 100; ++t) {
    const double w = 2 * M_PI * static_cast<double>(t) / 40;
    EXPECT_EQ(read.x[t], 0);
    EXPECT_NEAR(read.y[t], std::sin(w) + 0.5 * std::sin(2 * w) + 0.25 * std::sin(4 * w), 1e-13);
  }
  EXPECT_EQ(make_task_of("periodic", 0)->length(Split::train), 200) << "one period";
}

TEST(Periodic, BeginsWhereItIsTold) {
  std::vector<double> state(4, 9);
  EXPECT_TRUE(make_task_of("periodic", 0)->initial_state(Split::train, 0, state));
  EXPECT_EQ(state, std::vector<double>(4, 0.1));
  EXPECT_FALSE(make_task_of("periodic", 0, {{"start", 0.0}})->has_initial_state());
}

TEST(Periodic, ReferenceIsTheVariance) {
  // Over whole periods the sines are orthogonal: half of the mean square is (1 + 1/4 + 1/16)/4.
  EXPECT_NEAR(make_task_of("periodic", 0)->references()[0].value, (1 + 0.25 + 0.0625) / 4, 1e-12);
}

}  // namespace
}  // namespace chronograd
