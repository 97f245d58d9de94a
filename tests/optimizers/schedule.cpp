// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "chronograd/error.hpp"
#include "chronograd/optimizer.hpp"

namespace chronograd {
namespace {

Options settings(const std::string& schedule, std::int64_t warmup = 0, std::int64_t horizon = 0) {
  Options options;
  options.set("lr", 0.2, true);
  options.set("schedule", schedule, true);
  options.set("decay", 0.9, true);
  options.set("lr_final", 0.05, true);
  options.set("warmup", warmup, true);
  options.set("horizon", horizon, true);
  return options;
}

TEST(Schedule, Constant) {
  for (std::int64_t k : {0, 1, 1000000}) EXPECT_EQ(scheduled_rate(settings("constant"), k, 10), 0.2);
}

TEST(Schedule, Exponential) {
  EXPECT_EQ(scheduled_rate(settings("exponential"), 0, 10), 0.2);
  EXPECT_NEAR(scheduled_rate(settings("exponential"), 3, 10), 0.2 * 0.729, 1e-15);
}

TEST(Schedule, CosineGoesFromLrToLrFinal) {
  const Options cosine = settings("cosine");
  EXPECT_EQ(scheduled_rate(cosine, 0, 8), 0.2);
  EXPECT_NEAR(scheduled_rate(cosine, 4, 8), 0.125, 1e-15);
  EXPECT_NEAR(scheduled_rate(cosine, 2, 8), 0.05 + 0.15 * (1 + std::sqrt(0.5)) / 2, 1e-15);
  EXPECT_NEAR(scheduled_rate(cosine, 8, 8), 0.05, 1e-15);
  EXPECT_NEAR(scheduled_rate(cosine, 80, 8), 0.05, 1e-15);
  for (std::int64_t k = 0; k < 8; ++k) EXPECT_GT(scheduled_rate(cosine, k, 8), scheduled_rate(cosine, k + 1, 8));
}

TEST(Schedule, CosineTakesItsOwnHorizonFirst) {
  EXPECT_EQ(scheduled_rate(settings("cosine", 0, 4), 2, 1000), scheduled_rate(settings("cosine"), 2, 4));
}

TEST(Schedule, CosineNeedsAnEnd) {
  try {
    scheduled_rate(settings("cosine"), 0, 0);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_EQ(std::string(error.what()).rfind("[optimizer.horizon]", 0), 0U);
  }
}

TEST(Schedule, InverseSqrtFallsToItsFloor) {
  const Options slow = settings("inverse_sqrt", 0, 100);  // lr 0.2, lr_final 0.05
  EXPECT_EQ(scheduled_rate(slow, 0, 10), 0.2);
  EXPECT_NEAR(scheduled_rate(slow, 100, 10), 0.2 / std::sqrt(2.0), 1e-15);
  EXPECT_NEAR(scheduled_rate(slow, 300, 10), 0.1, 1e-15);
  EXPECT_NEAR(scheduled_rate(slow, 1499, 10), 0.2 / std::sqrt(15.99), 1e-15);
  EXPECT_EQ(scheduled_rate(slow, 1600, 10), 0.05);
  EXPECT_NEAR(scheduled_rate(settings("inverse_sqrt", 4, 100), 1, 10), 0.1 * std::sqrt(100.0 / 101), 1e-15);
  EXPECT_THROW(scheduled_rate(settings("inverse_sqrt"), 0, 10), Error);
}

TEST(Schedule, WarmupRisesLinearlyAndThenIsOver) {
  const Options warm = settings("constant", 4);
  for (std::int64_t k = 0; k < 4; ++k)
    EXPECT_NEAR(scheduled_rate(warm, k, 10), 0.05 * static_cast<double>(k + 1), 1e-15);
  EXPECT_EQ(scheduled_rate(warm, 4, 10), 0.2);
  EXPECT_EQ(scheduled_rate(settings("exponential", 4), 9, 10), scheduled_rate(settings("exponential"), 9, 10));
}

}  // namespace
}  // namespace chronograd
