// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "chronograd/error.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

std::size_t peak(const std::vector<double>& values, std::size_t from, std::size_t to) {
  return static_cast<std::size_t>(std::max_element(values.begin() + static_cast<std::ptrdiff_t>(from),
                                                   values.begin() + static_cast<std::ptrdiff_t>(to)) -
                                  values.begin());
}

TEST(Interval, TheAnswerComesOneMoreIntervalLater) {
  const auto task = make_task_of("interval", 6);
  EXPECT_EQ(task->length(Split::train), 400);
  std::set<std::size_t> intervals;
  for (int row = 0; row < 3000; ++row) {
    const Read read(*task, Split::train, row, 0, 400);
    const std::size_t second = peak(read.x, 75, 400), answer = peak(read.y, 0, 400), interval = second - 50;
    ASSERT_EQ(answer, 50 + 2 * interval);
    EXPECT_NEAR(read.y[answer + 15], std::exp(-0.5), 1e-12);
    EXPECT_NEAR(read.x[second], 1 + std::exp(-0.5 * std::pow(static_cast<double>(interval) / 15, 2)), 1e-12);
    intervals.insert(interval);
  }
  EXPECT_EQ(*intervals.begin(), 50U);
  EXPECT_EQ(*intervals.rbegin(), 150U);
  EXPECT_EQ(intervals.size(), 101U);
}

TEST(Interval, ReferencesAreThoseOfTheBestConstantAndTheMeanAnswer) {
  const auto task = make_task_of("interval", 6, {{"shortest", std::int64_t{50}}, {"longest", std::int64_t{52}}});
  const auto references = task->references();
  const std::size_t T = static_cast<std::size_t>(task->length(Split::train)), rows = 6000;
  std::vector<double> aligned(T + 3), squares(T + 3), count(T + 3);
  double sum = 0, square = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const Read read(*task, Split::train, static_cast<std::int64_t>(row), 0, static_cast<int>(T));
    const std::size_t interval = peak(read.x, 75, T) - 50;
    for (std::size_t t = 0; t < T; ++t) {
      const std::size_t since = t + 52 - interval;
      aligned[since] += read.y[t];
      squares[since] += read.y[t] * read.y[t];
      ++count[since];
      sum += read.y[t];
      square += read.y[t] * read.y[t];
    }
  }
  const double all = static_cast<double>(T * rows);
  EXPECT_NEAR(references[0].value, 0.5 * (square / all - sum / all * sum / all), 1e-6);
  double unexplained = 0;
  for (std::size_t i = 0; i < aligned.size(); ++i)
    if (count[i] > 0) unexplained += squares[i] - aligned[i] * aligned[i] / count[i];
  EXPECT_NEAR(references[1].value / (0.5 * unexplained / all), 1, 0.1);
  const auto known = make_task_of("interval", 6, {{"shortest", std::int64_t{60}}, {"longest", std::int64_t{60}}});
  EXPECT_NEAR(known->references()[1].value, 0, 1e-15) << "one interval need not be remembered";
}

TEST(Interval, RefusesAnEmptyRange) {
  EXPECT_THROW(make_task_of("interval", 1, {{"shortest", std::int64_t{151}}}), Error);
}

}  // namespace
}  // namespace chronograd
