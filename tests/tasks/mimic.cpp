// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "chronograd/error.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

TEST(Mimic, InputsAreCoinFlipsThatStay) {
  const auto task = make_task_of("mimic", 2, {{"tau", std::int64_t{3}}, {"p", 0.25}, {"outputs", std::int64_t{1}}});
  const std::size_t steps = 3000;
  const Read read(*task, Split::train, 0, 0, steps);
  double ones = 0;
  for (std::size_t i = 0; i < read.x.size(); ++i) {
    ASSERT_EQ(read.x[i] * (1 - read.x[i]), 0);
    ones += read.x[i];
    if (i / 32 % 3 != 0) {
      ASSERT_EQ(read.x[i], read.x[i - 32]);
    }
  }
  EXPECT_NEAR(ones / static_cast<double>(read.x.size()), 0.25, 5 * std::sqrt(0.25 * 0.75 / (32 * 1000)));
}

TEST(Mimic, LatentFlipsMoveBlocksOfInputs) {
  const auto task = make_task_of("mimic", 2, {{"inputs", std::int64_t{6}}, {"latent", std::int64_t{2}}});
  const Read read(*task, Split::train, 0, 0, 200);
  bool differ = false;
  for (std::size_t t = 0; t < 200; ++t) {
    for (std::size_t j = 0; j < 6; ++j) EXPECT_EQ(read.x[6 * t + j], read.x[6 * t + j / 3 * 3]);
    differ |= read.x[6 * t] != read.x[6 * t + 3];
  }
  EXPECT_TRUE(differ);
  EXPECT_THROW(make_task_of("mimic", 2, {{"inputs", std::int64_t{6}}, {"latent", std::int64_t{7}}}), Error);
}

TEST(Mimic, OutputsFollowFromTheInputsSinceTheBeginning) {
  // A network without recurrence maps equal inputs to equal outputs; one with it does not.
  const std::pair<std::string, Value> one_input{"inputs", std::int64_t{1}};
  const auto memoryless = make_task_of("mimic", 2, {one_input, {"gain", 0.0}});
  const auto recurrent = make_task_of("mimic", 2, {one_input});
  const Read plain(*memoryless, Split::train, 0, 0, 100), deep(*recurrent, Split::train, 0, 0, 100);
  EXPECT_EQ(plain.x, deep.x);
  std::vector<double> seen[2];
  double spread = 0;
  for (std::size_t t = 0; t < 100; ++t) {
    const std::vector<double> y(plain.y.begin() + static_cast<std::ptrdiff_t>(32 * t),
                                plain.y.begin() + static_cast<std::ptrdiff_t>(32 * t + 32));
    auto& first = seen[plain.x[t] > 0];
    if (first.empty()) first = y;
    EXPECT_EQ(first, y) << "the network is the same at every step";
    spread = std::max(spread, std::fabs(deep.y[32 * t] - plain.y[32 * t]));
  }
  EXPECT_GT(spread, 0.1);
  EXPECT_EQ(plain.y[0], deep.y[0]) << "the state begins at zero";
}

TEST(Mimic, NetworkBelongsToTheSeedAndNotToTheRow) {
  const auto a = make_task_of("mimic", 2, {{"p", 1.0}}), b = make_task_of("mimic", 3, {{"p", 1.0}});
  EXPECT_EQ(Read(*a, Split::train, 0, 0, 50).y, Read(*a, Split::test, 7, 0, 50).y);
  EXPECT_NE(Read(*a, Split::train, 0, 0, 50).y, Read(*b, Split::train, 0, 0, 50).y);
}

TEST(Mimic, ReferenceIsTheVarianceOfTheTargets) {
  const auto task = make_task_of("mimic", 5, {{"outputs", std::int64_t{2}}});
  const Read read(*task, Split::train, 9, 0, 50000);
  double loss = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    double mean = 0, variance = 0;
    for (std::size_t t = 0; t < 50000; ++t) mean += read.y[2 * t + i] / 50000;
    for (std::size_t t = 0; t < 50000; ++t) variance += std::pow(read.y[2 * t + i] - mean, 2) / 50000;
    loss += 0.5 * variance;
  }
  EXPECT_NEAR(task->references()[0].value / loss, 1, 0.1);
}

}  // namespace
}  // namespace chronograd
