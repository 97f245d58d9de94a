// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tasks/reading.hpp"

namespace chronograd {
namespace {

Value whole(std::int64_t value) {
  return value;
}

/// Step `k` of an endless stream is read through the definition: y_t from x_{t-lag1} and x_{t-lag2}.
void expect_relation(std::int64_t lag1, std::int64_t lag2, std::int64_t tau) {
  SCOPED_TRACE("lags " + std::to_string(lag1) + ", " + std::to_string(lag2) + ", tau " + std::to_string(tau));
  const auto task = make_task_of("add", 11, {{"lag1", whole(lag1)}, {"lag2", whole(lag2)}, {"tau", whole(tau)}});
  const int steps = 3000;
  const Read read(*task, Split::train, 2, 0, steps);
  const auto x = [&](std::int64_t t) { return read.x[static_cast<std::size_t>(2 * t)]; };
  for (std::int64_t t = 0; t < steps; ++t) {
    const auto at = static_cast<std::size_t>(2 * t);
    EXPECT_EQ(read.x[at] * (1 - read.x[at]), 0) << "a coin flip";
    EXPECT_EQ(read.x[at + 1], 1 - read.x[at]);
    EXPECT_EQ(read.y[at + 1], 1 - read.y[at]);
    EXPECT_EQ(x(t), x(t / tau * tau)) << "repeated";
    EXPECT_EQ(read.y[at], read.y[static_cast<std::size_t>(t / tau * tau * 2)]) << "repeated";
    const std::int64_t first = t - lag1 * tau, second = t - lag2 * tau;
    if (first < 0 || second < 0) {
      EXPECT_TRUE(read.y[at] == 0.25 || read.y[at] == 0.5 || read.y[at] == 0.75 || read.y[at] == 1);
      continue;
    }
    EXPECT_EQ(read.y[at], 0.5 + 0.5 * x(first) - 0.25 * x(second));
  }
}

TEST(Add, TargetsRememberTwoFlips) {
  expect_relation(5, 9, 1);
  expect_relation(9, 5, 1);
  expect_relation(0, 64, 1);
  expect_relation(63, 65, 1);
  expect_relation(4, 4, 1);
  expect_relation(2, 4, 2);
  expect_relation(0, 1, 7);
  expect_relation(1000, 300, 1);
}

TEST(Add, FlipsAreFairAndIndependentOfTheLastOnes) {
  const auto task = make_task_of("add", 5);
  const int steps = 100000;
  const Read read(*task, Split::train, 0, 0, steps);
  double heads = 0, same = 0;
  for (std::size_t t = 0; t < steps; ++t) heads += read.x[2 * t];
  for (std::size_t t = 9; t < steps; ++t) same += read.x[2 * t] == read.x[2 * (t - 9)];
  // Five standard deviations of sqrt(1/4 / 1e5); the seed is fixed.
  EXPECT_NEAR(heads / steps, 0.5, 0.008);
  EXPECT_NEAR(same / (steps - 9), 0.5, 0.008);
}

TEST(Add, HardTargetsAreDrawnWithTheSoftOnesAsProbability) {
  const auto soft = make_task_of("add", 5), hard = make_task_of("add", 5, {{"soft", false}});
  const std::size_t steps = 200000;
  const Read probability(*soft, Split::test, 1, 0, steps), drawn(*hard, Split::test, 1, 0, steps);
  EXPECT_EQ(probability.x, drawn.x);
  for (int quarter = 1; quarter <= 4; ++quarter) {
    double count = 0, ones = 0;
    for (std::size_t t = 0; t < steps; ++t) {
      if (probability.y[2 * t] != quarter / 4.0) continue;
      ++count;
      ones += drawn.y[2 * t];
      ASSERT_TRUE(drawn.y[2 * t] == 0 || drawn.y[2 * t] == 1);
      ASSERT_EQ(drawn.y[2 * t] + drawn.y[2 * t + 1], 1);
    }
    ASSERT_GT(count, 40000);
    EXPECT_NEAR(ones / count, quarter / 4.0, 0.012);
  }
}

TEST(Add, SplitsRowsAndSeedsAreDifferentStreams) {
  const auto task = make_task_of("add", 5), other = make_task_of("add", 6);
  const Read here(*task, Split::train, 0, 0, 256);
  EXPECT_EQ(here, Read(*task, Split::train, 0, 0, 256));
  const Read streams[] = {Read(*task, Split::test, 0, 0, 256), Read(*task, Split::train, 1, 0, 256),
                          Read(*task, Split::test, 1, 0, 256), Read(*other, Split::train, 0, 0, 256),
                          Read(*task, Split::train, 0, 256, 256)};
  for (const Read& stream : streams) {
    int same = 0;
    for (std::size_t t = 0; t < 256; ++t) same += here.x[2 * t] == stream.x[2 * t];
    EXPECT_NEAR(same, 128, 40) << "five standard deviations of 8";
  }
}

TEST(Add, IsEndlessOrHasALength) {
  EXPECT_EQ(make_task_of("add", 0)->length(Split::train), 0);
  const auto trial = make_task_of("add", 0, {{"length", whole(1)}});
  EXPECT_EQ(trial->length(Split::train), 1);
  EXPECT_EQ(trial->rows(Split::train), 0);
  EXPECT_EQ(trial->rows(Split::test), 0);
  EXPECT_EQ(Read(*trial, Split::train, 123456789, 0, 1).mask[0], 1);
  EXPECT_FALSE(trial->classes());
}

TEST(Add, FloorsAreTheKnownOnes) {
  const auto floors = make_task_of("add", 0)->references();
  ASSERT_EQ(floors.size(), 3U);
  EXPECT_NEAR(floors[0].value, 0.6616, 1e-4);
  EXPECT_TRUE(floors[0].floor);
  EXPECT_NEAR(floors[1].value, 0.5192, 1e-4);
  EXPECT_NEAR(floors[2].value, 0.4545, 1e-4);
}

double entropy(double p) {
  return p <= 0 || p >= 1 ? 0 : -p * std::log(p) - (1 - p) * std::log(1 - p);
}

TEST(Add, FloorsFollowTheLags) {
  // The current flip is seen without memory.
  const auto now = make_task_of("add", 0, {{"lag1", whole(0)}})->references();
  const auto usual = make_task_of("add", 0)->references();
  EXPECT_NEAR(now[0].value, usual[0].value, 1e-15) << "a constant output knows nothing";  // one entropy, a mean of four
  EXPECT_TRUE(now[0].floor);
  EXPECT_EQ(now[1].value, usual[1].value);
  EXPECT_EQ(now[3].value, usual[2].value);
  // Equal lags: y = 1/2 + 1/4 x, and one lag is both.
  const auto equal = make_task_of("add", 0, {{"lag1", whole(3)}, {"lag2", whole(3)}})->references();
  EXPECT_NEAR(equal[0].value, entropy(0.625), 1e-15);
  EXPECT_NEAR(equal[1].value, (entropy(0.5) + entropy(0.75)) / 2, 1e-15);
  EXPECT_EQ(equal[1].value, equal[2].value);
}

TEST(Add, FloorWithBothLagsIsTheEntropyOfTheStream) {
  const auto task = make_task_of("add", 8);
  const std::size_t steps = 100000;
  const Read read(*task, Split::train, 0, 0, steps);
  double sum = 0;
  for (std::size_t t = 0; t < steps; ++t) sum += entropy(read.y[2 * t]);
  EXPECT_NEAR(sum / static_cast<double>(steps), task->references()[2].value, 0.005);
}

}  // namespace
}  // namespace chronograd
