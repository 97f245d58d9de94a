// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tasks/reading.hpp"

namespace chronograd {
namespace {

TEST(Sine, OnePulseThenTwoSines) {
  const auto task = make_task_of("sine", 0, {{"period1", 40.0}, {"period2", 12.5}});
  EXPECT_EQ(task->length(Split::train), 100);
  EXPECT_EQ(task->rows(Split::train), 1);
  const Read read(*task, Split::train, 0, 0, 100);
  for (std::size_t t = 0; t < 100; ++t) {
    EXPECT_EQ(read.x[t], t == 0 ? 1 : 0);
    EXPECT_NEAR(read.y[2 * t], std::sin(2 * M_PI * static_cast<double>(t) / 40), 1e-14);
    EXPECT_NEAR(read.y[2 * t + 1], std::sin(2 * M_PI * static_cast<double>(t) / 12.5), 1e-14);
  }
}

TEST(Sine, ReferenceIsTheLossOfTheBestConstant) {
  const auto whole = make_task_of("sine", 0, {{"period1", 50.0}, {"period2", 20.0}});
  EXPECT_NEAR(whole->references()[0].value, 0.5, 1e-12) << "whole periods: each sine has variance 1/2";
  const auto broken = make_task_of("sine", 0, {{"length", std::int64_t{7}}, {"period1", 30.0}});
  const Read read(*broken, Split::train, 0, 0, 7);
  double best = 1e9;
  for (double a = -1; a <= 1; a += 0.005)
    for (double b = -1; b <= 1; b += 0.005) {
      double loss = 0;
      for (std::size_t t = 0; t < 7; ++t)
        loss += 0.5 * (std::pow(read.y[2 * t] - a, 2) + std::pow(read.y[2 * t + 1] - b, 2)) / 7;
      best = std::min(best, loss);
    }
  EXPECT_NEAR(broken->references()[0].value, best, 1e-5);
}

TEST(Sine, OfOneStepIsThePulseAlone) {
  const auto task = make_task_of("sine", 0, {{"length", std::int64_t{1}}});
  const Read read(*task, Split::test, 0, 0, 1);
  EXPECT_EQ(read.x[0], 1);
  EXPECT_EQ(read.y[0], 0);
  EXPECT_EQ(task->references()[0].value, 0);
}

}  // namespace
}  // namespace chronograd
