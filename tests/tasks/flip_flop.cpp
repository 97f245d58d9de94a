// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tasks/reading.hpp"

namespace chronograd {
namespace {

TEST(FlipFlop, HoldsTheLastPulse) {
  for (const std::int64_t tau : {1, 3}) {
    const auto task = make_task_of("flip_flop", 4, {{"bits", std::int64_t{2}}, {"tau", tau}, {"p_flip", 0.2}});
    const std::size_t steps = 20000;
    const Read read(*task, Split::train, 1, 0, steps);
    double held[2] = {0, 0}, pulses = 0, up = 0;
    for (std::size_t t = 0; t < steps; ++t)
      for (std::size_t i = 0; i < 2; ++i) {
        const double x = read.x[2 * t + i];
        ASSERT_TRUE(x == 0 || x == 1 || x == -1);
        if (t % static_cast<std::size_t>(tau) > 0) {
          ASSERT_EQ(x, read.x[2 * t - 2 + i]) << "a place lasts tau steps";
        }
        if (x != 0) held[i] = x;
        ASSERT_EQ(read.y[2 * t + i], held[i]);
        pulses += x != 0;
        up += x == 1;
      }
    // Five standard deviations, of steps 2 / tau drawings that last tau steps.
    const double deviation = 5 * std::sqrt(0.2 * 0.8 * static_cast<double>(2 * steps) / static_cast<double>(tau));
    EXPECT_NEAR(pulses, 0.2 * 2 * steps, deviation * static_cast<double>(tau));
    EXPECT_NEAR(up, pulses / 2, deviation * static_cast<double>(tau));
  }
}

TEST(FlipFlop, WithoutPulsesIsZeroAndWithOnlyPulsesIsItsInput) {
  const Read none(*make_task_of("flip_flop", 0, {{"p_flip", 0.0}}), Split::test, 0, 1000000000, 50);
  for (double value : none.x) EXPECT_EQ(value, 0);
  for (double value : none.y) EXPECT_EQ(value, 0);
  const Read all(*make_task_of("flip_flop", 0, {{"p_flip", 1.0}}), Split::test, 0, 7, 50);
  EXPECT_EQ(all.x, all.y);
}

TEST(FlipFlop, ReferencesAreTheLossesOfAConstantAndWithoutMemory) {
  for (const std::int64_t length : {0, 40}) {
    const auto task =
        make_task_of("flip_flop", 3, {{"bits", std::int64_t{2}}, {"tau", std::int64_t{3}}, {"length", length}});
    double loss = 0, constant = 0;
    const int rows = length == 0 ? 1 : 5000, steps = length == 0 ? 200000 : 40;
    for (int row = 0; row < rows; ++row) {
      const Read read(*task, Split::train, row, length == 0 ? 1000 : 0, steps);
      for (std::size_t i = 0; i < read.x.size(); ++i) {
        loss += read.x[i] == 0 ? 0.5 * read.y[i] * read.y[i] : 0;
        constant += 0.5 * read.y[i] * read.y[i];
      }
    }
    EXPECT_NEAR(constant / (rows * steps), task->references()[0].value, 0.01);
    EXPECT_TRUE(task->references()[0].floor);
    EXPECT_NEAR(loss / (rows * steps), task->references()[1].value, 0.01);
  }
  EXPECT_EQ(make_task_of("flip_flop", 0)->references()[0].value, 0.5 * 3);
  EXPECT_EQ(make_task_of("flip_flop", 0)->references()[1].value, 0.5 * 3 * 0.95);
  EXPECT_EQ(make_task_of("flip_flop", 0, {{"p_flip", 0.0}})->references()[0].value, 0);
}

}  // namespace
}  // namespace chronograd
