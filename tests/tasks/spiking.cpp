// SPDX-License-Identifier: Apache-2.0
// Tasks of spiking networks: what is asked for is in the spikes, and nothing else is.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "chronograd/error.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t one = 1;

/// A row of a task as a whole, with sums of its spikes.
struct Spikes {
  Spikes(const Task& task, Split split, std::int64_t row)
      : n(static_cast<std::size_t>(task.inputs())),
        T(static_cast<std::size_t>(task.length(split))),
        read(task, split, row, 0, static_cast<int>(T)) {
    for (const double x : read.x) EXPECT_TRUE(x == 0 || x == 1);
  }
  /// Of inputs [a, b) in steps [from, to).
  double sum(std::size_t a, std::size_t b, std::size_t from, std::size_t to) const {
    double all = 0;
    for (std::size_t t = from; t < to; ++t)
      for (std::size_t i = a; i < b; ++i) all += read.x[n * t + i];
    return all;
  }
  int answer(std::size_t t) const { return read.y[2 * t + 1] == 1 ? 1 : 0; }

  std::size_t n, T;
  Read read;
};

/// A count with mean `mean`, and a standard deviation of its root at most: 6 of them.
void expect_count(double count, double mean) {
  EXPECT_NEAR(count, mean, 6 * std::sqrt(mean) + 1);
}

TEST(PatternGeneration, IsOneFrozenRow) {
  const auto task = make_task_of("pattern_generation", 2);
  const Spikes row(*task, Split::train, 0);
  EXPECT_EQ(row.read, Spikes(*task, Split::test, 0).read);
  EXPECT_NE(row.read, Spikes(*make_task_of("pattern_generation", 3), Split::train, 0).read);
  expect_count(row.sum(0, 100, 0, 1000), 5000);
  EXPECT_EQ(row.read.y[0], 0);
  double most = 0, sum = 0, square = 0;
  for (const double y : row.read.y) {
    most = std::max(most, std::abs(y));
    sum += y;
    square += y * y;
  }
  EXPECT_EQ(most, 1);
  EXPECT_NEAR(row.read.y.back(), 0, 1e-12) << "whole cycles";
  EXPECT_NEAR(task->references()[0].value, 0.5 * (square / 1000 - sum / 1000 * sum / 1000), 1e-15);
}

TEST(EvidenceAccumulation, AsksForTheSideOfMostCues) {
  const auto task = make_task_of("evidence_accumulation", 1);
  double ones = 0, minority = 0;
  for (std::int64_t r = 0; r < 60; ++r) {
    const Spikes row(*task, r < 30 ? Split::train : Split::test, r);
    ASSERT_EQ(row.T, 2250U);
    int side_1 = 0;
    for (std::size_t cue = 0; cue < 7; ++cue) {
      const std::size_t from = 150 * cue + 50, to = from + 100;
      const double left = row.sum(0, 10, from, to), right = row.sum(10, 20, from, to);
      EXPECT_EQ(std::min(left, right), 0);
      expect_count(std::max(left, right), 40);
      EXPECT_EQ(row.sum(0, 30, 150 * cue, from), 0) << "a pause";
      side_1 += right > 0 ? 1 : 0;
    }
    EXPECT_EQ(row.sum(0, 30, 1050, 2100), 0) << "the delay";
    EXPECT_EQ(row.sum(0, 20, 2100, 2250), 0);
    expect_count(row.sum(20, 30, 2100, 2250), 60);
    expect_count(row.sum(30, 40, 0, 2250), 225);
    EXPECT_EQ(row.answer(2249), side_1 > 3 ? 1 : 0);
    for (std::size_t t = 0; t < 2250; ++t) EXPECT_EQ(row.read.mask[t], t < 2100 ? 0 : 1);
    ones += row.answer(0);
    minority += std::min(side_1, 7 - side_1);
  }
  EXPECT_NEAR(ones, 30, 6 * std::sqrt(15.0));
  // Of 7 cues on a side with chance 0.7 the smaller part is 1.98 on average.
  EXPECT_NEAR(minority / 60, 1.98, 0.6);
}

TEST(EvidenceAccumulation, FollowsItsOptions) {
  const auto task = make_task_of("evidence_accumulation", 1,
                                 {{"cues", one},
                                  {"cue", std::int64_t{20}},
                                  {"pause", std::int64_t{5}},
                                  {"delay", std::int64_t{7}},
                                  {"recall", std::int64_t{3}},
                                  {"rate", 1.0},
                                  {"noise", 0.0}});
  const Spikes row(*task, Split::train, 0);
  ASSERT_EQ(row.T, 35U);
  EXPECT_EQ(row.sum(0, 20, 5, 25), 200);
  EXPECT_EQ(row.sum(20, 30, 32, 35), 30);
  EXPECT_EQ(row.sum(0, 40, 0, 35), 230);
  EXPECT_EQ(row.answer(34), row.sum(10, 20, 5, 25) > 0 ? 1 : 0);
}

TEST(StoreRecall, TellsTheBitThatWasStored) {
  for (const auto& [command, once] : {std::pair{0.0, false}, {0.2, false}, {1.0, false}, {0.2, true}, {1.0, true}}) {
    const auto task =
        make_task_of("store_recall", 1, {{"symbol", std::int64_t{100}}, {"command", command}, {"once", once}});
    for (std::int64_t r = 0; r < 40; ++r) {
      const Spikes row(*task, Split::train, r);
      int kept = -1, recalls = 0;
      bool waiting = false;
      for (std::size_t s = 0; s < 12; ++s) {
        const std::size_t from = 100 * s, to = from + 100;
        const bool store = row.sum(50, 75, from, to) > 0, recall = row.sum(75, 100, from, to) > 0;
        const double zero = row.sum(0, 25, from, to), is_one = row.sum(25, 50, from, to);
        EXPECT_FALSE(store && recall);
        EXPECT_EQ(zero > 0 || is_one > 0, !recall) << "no bit is shown with a recall";
        EXPECT_FALSE(zero > 0 && is_one > 0);
        if (store) {
          EXPECT_FALSE(waiting);
          kept = is_one > 0 ? 1 : 0;
          waiting = true;
        }
        for (std::size_t t = from; t < to; ++t) EXPECT_EQ(row.read.mask[t], recall ? 1 : 0);
        if (!recall) continue;
        EXPECT_TRUE(waiting);
        EXPECT_EQ(row.answer(from), kept);
        waiting = false;
        ++recalls;
      }
      EXPECT_GE(recalls, 1) << "row " << r;
      if (once || command == 1) {
        EXPECT_EQ(recalls, once ? 1 : 6);
      }
    }
  }
}

TEST(DelayedMatch, TellsWhetherTwoDirectionsAreOne) {
  const auto task = make_task_of("delayed_match", 1, {{"peak", 0.5}, {"concentration", 40.0}, {"background", 0.0}});
  double matches = 0;
  for (std::int64_t r = 0; r < 40; ++r) {
    const Spikes row(*task, Split::train, r);
    ASSERT_EQ(row.T, 2010U);
    const auto direction = [&](std::size_t from, std::size_t to) {  // that of the inputs' spikes
      double sine = 0, cosine = 0;
      for (std::size_t i = 0; i < 100; ++i) {
        const double spikes = row.sum(i, i + 1, from, to), angle = 2 * M_PI * static_cast<double>(i) / 100;
        sine += spikes * std::sin(angle);
        cosine += spikes * std::cos(angle);
      }
      const double turn = std::atan2(sine, cosine) / (2 * M_PI);
      return static_cast<int>(std::lround(8 * (turn + 1))) % 8;
    };
    EXPECT_EQ(row.sum(0, 100, 0, 10), 0);
    EXPECT_EQ(row.sum(0, 100, 510, 1510), 0);
    EXPECT_EQ(row.answer(2009), direction(10, 510) == direction(1510, 2010) ? 1 : 0);
    for (std::size_t t = 0; t < row.T; ++t) EXPECT_EQ(row.read.mask[t], t < 1510 ? 0 : 1);
    matches += row.answer(0);
  }
  EXPECT_NEAR(matches, 20, 6 * std::sqrt(10.0));
}

}  // namespace
}  // namespace chronograd
