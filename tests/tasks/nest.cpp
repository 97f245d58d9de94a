// SPDX-License-Identifier: Apache-2.0
// The fixtures of NEST's e-prop: what is known of their draws. Their losses are held in tests/cli/nest.cpp.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tasks/nest_draws.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(Nest, DrawsAsTheReferenceDoes) {
  NestDraws draws(1);
  for (const double expected : {1.6243453636632417, -0.61175641365007538, -0.5281717522634557})
    EXPECT_DOUBLE_EQ(draws.normal(), expected);
}

TEST(Nest, RegressionHasTheReferencesInputsAndTarget) {
  const auto task = make_task_of("nest_regression", 0);
  const Read row(*task, Split::train, 0, 0, 1000);
  EXPECT_EQ(sum(row.x), 5053);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(row.x[i], 0);
  constexpr double first[] = {0, 1.1049927677e-2, 2.2398654278e-2, 3.4040020484e-2};
  for (std::size_t t = 0; t < 4; ++t) EXPECT_NEAR(row.y[t], first[t], 5e-13) << t;
  EXPECT_EQ(sum(row.mask), 1000);
  const Arrays own = task->parameters();
  EXPECT_EQ(own.at("W_in").shape, (std::vector<std::size_t>{100, 100}));
  EXPECT_EQ(own.at("W_in").at(0), static_cast<double>(static_cast<float>(1.6243453636632417 / 10)));
  EXPECT_EQ(own.at("W_in").at(100), static_cast<double>(static_cast<float>(-0.61175641365007538 / 10)))
      << "drawn from one input to all units, given (to, from)";
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(own.at("W_rec").at(101 * i), 0);
  EXPECT_EQ(own.at("B_feedback").shape, (std::vector<std::size_t>{100, 1}));
}

TEST(Nest, ClassificationHasTheReferencesFirstTrial) {
  const auto task = make_task_of("nest_classification", 0);
  const Read row(*task, Split::train, 0, 0, 2250);
  EXPECT_EQ(sum(row.x), 597);
  EXPECT_EQ(row.y[0], 0);
  EXPECT_EQ(row.y[1], 1);
  for (std::size_t t = 0; t < 2250; ++t) EXPECT_EQ(row.mask[t], t < 2100 ? 0 : 1);
  Read parts(*task, Split::train, 3, 0, 700);
  parts.append(Read(*task, Split::train, 3, 700, 1550));
  EXPECT_EQ(parts, Read(*task, Split::train, 3, 0, 2250));
  EXPECT_NE(parts, row);
  EXPECT_EQ(task->parameters().at("W_out").shape, (std::vector<std::size_t>{2, 100}));
}

/// Trials drawn together share one course of draws: groups, then cues, then spikes.
TEST(Nest, TrialsDrawnTogetherAreOthers) {
  const auto one = make_task_of("nest_classification", 0),
             two = make_task_of("nest_classification", 0, {{"drawn_together", std::int64_t{2}}});
  const Read alone(*one, Split::train, 0, 0, 2250);
  // The weights are followed by two groups, and only then by the first trial's cues.
  NestDraws draws(1);
  for (int i = 0; i < 40 * 100 + 100 * 100; ++i) draws.normal();
  for (int i = 0; i < 200; ++i) draws.uniform();
  for (int i = 0; i < 200; ++i) draws.normal();
  const int groups[] = {draws.coin(), draws.coin()};
  int cues[2][7];
  for (int b = 0; b < 2; ++b)
    for (int& cue : cues[b])
      cue = draws.uniform() >= (groups[b] == 0 ? double{0.3F} : double{0.7F}) / (double{0.3F} + double{0.7F}) ? 1 : 0;
  for (std::int64_t b = 0; b < 2; ++b) {
    const Read row(*two, Split::train, b, 0, 2250);
    EXPECT_NE(row, alone);
    EXPECT_EQ(row.y[1], std::accumulate(cues[b], cues[b] + 7, 0) > 3 ? 1 : 0);
    for (std::size_t c = 0; c < 7; ++c) {
      double spikes[2] = {0, 0};
      for (std::size_t t = 150 * c + 50; t < 150 * c + 150; ++t)
        for (std::size_t i = 0; i < 20; ++i) spikes[i / 10] += row.x[40 * t + i];
      EXPECT_GT(spikes[cues[b][c]], 10) << "40 of 1000 are expected";
      EXPECT_EQ(spikes[1 - cues[b][c]], 0);
    }
  }
}

}  // namespace
}  // namespace chronograd
