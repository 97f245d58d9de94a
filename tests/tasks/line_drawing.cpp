// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tasks/reading.hpp"

namespace chronograd {
namespace {

TEST(LineDrawing, GoesFromTheCentreToTheEndThatTheCueStandsFor) {
  const auto task = make_task_of("line_drawing", 1);
  ASSERT_EQ(task->rows(Split::test), 7);
  ASSERT_EQ(task->rows(Split::train), 0) << "fresh rows";
  double square = 0;
  for (int row = 0; row < 7; ++row) {
    const Read read(*task, Split::test, row, 0, 10);
    EXPECT_NEAR(read.x[0], 0.1 * (row - 3), 1e-15);
    for (std::size_t t = 0; t < 10; ++t) {
      EXPECT_TRUE(t == 0 || read.x[t] == 0);
      EXPECT_EQ(read.mask[t], 1) << "a test asks for the whole path";
      const double way = row == 6 ? 0 : 10.0 * static_cast<double>(t + 1) / 10, turn = std::acos(-1) / 3 * row;
      EXPECT_NEAR(read.y[2 * t], way * std::cos(turn), 1e-14);
      EXPECT_NEAR(read.y[2 * t + 1], way * std::sin(turn), 1e-14);
      square += way * way / 70;
    }
  }
  EXPECT_NEAR(task->references()[0].value, square / 2, 1e-12) << "the centre: half its mean squared distance";
  EXPECT_EQ(make_task_of("line_drawing", 1, {{"points", std::int64_t{1}}, {"length", std::int64_t{1}}})
                ->references()[0]
                .value,
            12.5)
      << "of (10, 0) and (0, 0) the mean is (5, 0)";
}

TEST(LineDrawing, TellsTheFeedbackOfTrainingAtSomeSteps) {
  const auto task = make_task_of("line_drawing", 1, {{"feedback_every", std::int64_t{3}}});
  std::set<double> cues;
  for (int row = 0; row < 100; ++row) {
    const Read read(*task, Split::train, row, 0, 10);
    cues.insert(read.x[0]);
    for (std::size_t t = 0; t < 10; ++t) EXPECT_EQ(read.mask[t], t == 2 || t == 5 || t == 8 ? 1 : 0);
  }
  EXPECT_EQ(cues.size(), 7U) << "all cues come up";
}

TEST(LineDrawing, ShowsTheCueAtEveryStepWhereAsked) {
  const Read read(*make_task_of("line_drawing", 1, {{"online", true}}), Split::test, 5, 0, 10);
  for (const double x : read.x) EXPECT_NEAR(x, 0.2, 1e-15);
}

}  // namespace
}  // namespace chronograd
