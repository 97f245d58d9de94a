// SPDX-License-Identifier: Apache-2.0
// Forecasts of systems: what is shown follows their equations, targets are what is shown later.
#include <gtest/gtest.h>

#include <cmath>

#include "tasks/reading.hpp"

namespace chronograd {
namespace {

constexpr std::size_t steps = 3000;

TEST(Forecast, TargetIsWhatIsShownLater) {
  for (const char* name : {"lorenz", "mackey_glass"})
    for (const std::size_t ahead : {1U, 7U}) {
      const auto task = make_task_of(name, 2, {{"ahead", static_cast<std::int64_t>(ahead)}});
      const Read read(*task, Split::train, 1, 5, 300);
      for (std::size_t t = 0; t + ahead < 300; ++t) ASSERT_EQ(read.y[t], read.x[t + ahead]) << name;
      EXPECT_NE(read.x, Read(*task, Split::train, 2, 5, 300).x) << "rows begin elsewhere";
      const std::vector<Reference> floors = task->references();
      if (ahead == 1) {
        EXPECT_LT(floors[1].value, floors[0].value) << name << ": the last value is a better forecast than the mean";
      }
    }
}

/// Of the number shown: mean and half variance.
std::pair<double, double> moments(const std::string& name) {
  const auto task = make_task_of(name, 3);
  const Read read(*task, Split::train, 0, 0, static_cast<int>(steps));
  double mean = 0, half = 0;
  for (const double x : read.x) mean += x / steps;
  for (const double x : read.x) half += 0.5 * (x - mean) * (x - mean) / steps;
  EXPECT_NEAR(half, task->references()[0].value, 0.1 * half) << name;
  return {mean, half};
}

TEST(Forecast, SystemsStayOnTheirAttractors) {
  // Known of Lorenz's attractor: |x| < 20.5, its variance is 62.8 (of x/8 half of it is 0.49).
  const auto [lorenz_mean, lorenz_half] = moments("lorenz");
  EXPECT_NEAR(lorenz_mean, 0, 0.2);
  EXPECT_NEAR(lorenz_half, 0.49, 0.03);
  const auto [mackey_mean, mackey_half] = moments("mackey_glass");
  EXPECT_NEAR(mackey_mean, 0, 0.1);
  EXPECT_NEAR(mackey_half, 0.5, 0.1);
}

/// Short steps of the equations themselves, from what is shown: slopes by central differences.
TEST(Forecast, MackeyGlassFollowsItsEquation) {
  const auto task = make_task_of("mackey_glass", 3, {{"dt", 0.1}});
  const Read read(*task, Split::train, 0, 0, 600);
  const auto x = [&](std::size_t t) { return 0.93 + 0.23 * read.x[t]; };
  for (std::size_t t = 171; t + 1 < 600; ++t) {
    const double then = x(t - 170), slope = 0.2 * then / (1 + std::pow(then, 10)) - 0.1 * x(t);
    EXPECT_NEAR((x(t + 1) - x(t - 1)) / 0.2, slope,
                1e-3);  // the difference's own error: a sixth of 0.1^2 times the third slope
  }
}

TEST(Forecast, LorenzFollowsItsEquations) {
  // From x alone: y = x + x'/10; then y' = x (28 - z) - y gives z, and z' = x y - 8/3 z must hold.
  const double h = 0.001;
  const auto task = make_task_of("lorenz", 3, {{"dt", h}});
  const std::size_t count = 400;
  const Read read(*task, Split::train, 0, 0, static_cast<int>(count));
  std::vector<double> x, y(count), z(count);
  for (const double shown : read.x) x.push_back(8 * shown);
  const auto slope = [&](const std::vector<double>& of, std::size_t t) { return (of[t + 1] - of[t - 1]) / (2 * h); };
  for (std::size_t t = 1; t + 1 < count; ++t) y[t] = x[t] + slope(x, t) / 10;
  for (std::size_t t = 2; t + 2 < count; ++t) z[t] = 28 - (slope(y, t) + y[t]) / x[t];
  int checked = 0;
  for (std::size_t t = 3; t + 3 < count; ++t) {
    if (std::fabs(x[t]) < 3) continue;                                 // z is found by a division by x
    EXPECT_NEAR(slope(z, t), x[t] * y[t] - 8.0 / 3 * z[t], 0.5) << t;  // slopes reach some hundreds
    ++checked;
  }
  EXPECT_GT(checked, 50);
}

}  // namespace
}  // namespace chronograd
