// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "chronograd/train.hpp"
#include "tasks/reading.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

/// Which of `width` entries is the one; -1 if none is.
int which(const std::vector<double>& rows, std::size_t row, std::size_t width) {
  int found = -1;
  for (std::size_t i = 0; i < width; ++i) {
    EXPECT_EQ(rows[row * width + i] * (1 - rows[row * width + i]), 0);
    if (rows[row * width + i] == 1) {
      EXPECT_EQ(found, -1);
      found = static_cast<int>(i);
    }
  }
  return found;
}

/// Checks a row and returns its string's length.
std::size_t expect_copy(const Task& task, Split split, std::int64_t row, std::size_t T, bool all) {
  const Read read(task, split, row, 0, static_cast<int>(T));
  std::vector<int> shown, wanted;
  for (std::size_t t = 0; t < T; ++t) {
    shown.push_back(which(read.x, t, 5));
    wanted.push_back(which(read.y, t, all ? 4 : 3));
  }
  std::size_t l = 0;
  while (l < T && shown[l] < 3) ++l;
  EXPECT_EQ(shown[l], 3) << "the delimiter";
  for (std::size_t t = l + 1; t < T; ++t) EXPECT_EQ(shown[t], 4) << "blanks";
  for (std::size_t t = 0; t < T; ++t) {
    const bool recall = t > l && t <= 2 * l;
    EXPECT_EQ(read.mask[t], recall || (all && t <= l) ? 1 : 0);
    EXPECT_EQ(wanted[t], recall ? shown[t - l - 1] : (all ? 3 : -1));
  }
  return l;
}

TEST(Copy, RecallsTheStringAfterTheDelimiter) {
  for (const bool all : {false, true}) {
    const auto task = make_task_of("copy", 3,
                                   {{"symbols", std::int64_t{3}},
                                    {"curriculum", false},
                                    {"longest", std::int64_t{9}},
                                    {"loss_on", all ? "all" : "recall"}});
    EXPECT_EQ(task->length(Split::train), 19);
    EXPECT_EQ(task->curriculum(), nullptr);
    EXPECT_EQ(task->rows(Split::test), 0);
    std::set<std::size_t> lengths;
    double recalled = 0, counted = 0;
    for (int row = 0; row < 200; ++row) {
      const std::size_t l = expect_copy(*task, Split::test, row, 19, all);
      lengths.insert(l);
      recalled += static_cast<double>(l);
      counted += static_cast<double>(all ? 2 * l + 1 : l);
    }
    EXPECT_EQ(lengths, (std::set<std::size_t>{4, 5, 6, 7, 8, 9}));
    const std::vector<Reference> references = task->references();
    EXPECT_NEAR(references[all ? 1 : 0].value, std::log(3.0) * recalled / counted, 0.01) << "all: " << all;
    // A constant output: the blanks and the symbols by their shares.
    const double share = recalled / counted, symbol = share / 3;
    EXPECT_TRUE(references[0].floor);
    EXPECT_NEAR(references[0].value,
                all ? -3 * symbol * std::log(symbol) - (1 - share) * std::log(1 - share) : std::log(3.0), 0.01);
  }
}

TEST(Copy, LevelIsTheLongestLength) {
  const auto task = make_task_of("copy", 3, {{"symbols", std::int64_t{3}}});
  const Curriculum* curriculum = task->curriculum();
  ASSERT_NE(curriculum, nullptr);
  EXPECT_EQ(task->length(Split::train), 201);
  EXPECT_EQ(task->rows(Split::test), -1);
  for (const std::int64_t level : {1, 2, 6, 7, 100}) {
    EXPECT_EQ(curriculum->length(level), 2 * level + 1);
    std::set<std::size_t> lengths;
    for (int index = 0; index < 100; ++index)
      lengths.insert(expect_copy(*task, Split::train, curriculum->row(level, index),
                                 static_cast<std::size_t>(2 * level + 1), false));
    EXPECT_EQ(*lengths.rbegin(), static_cast<std::size_t>(level));
    EXPECT_EQ(*lengths.begin(), static_cast<std::size_t>(std::max<std::int64_t>(1, level - 5)));
  }
}

TEST(Copy, MayAskLaterAndMoreThanOnce) {
  const auto task = make_task_of("copy", 3,
                                 {{"curriculum", false},
                                  {"longest", std::int64_t{3}},
                                  {"spread", std::int64_t{0}},
                                  {"delay", std::int64_t{6}},
                                  {"delay_spread", std::int64_t{2}},
                                  {"repeats", std::int64_t{2}}});
  const std::size_t T = 3 + 6 + 1 + 6;
  EXPECT_EQ(task->length(Split::train), static_cast<std::int64_t>(T));
  std::set<std::size_t> delays;
  for (int row = 0; row < 100; ++row) {
    const Read read(*task, Split::train, row, 0, static_cast<int>(T));
    std::vector<int> shown;
    for (std::size_t t = 0; t < T; ++t) shown.push_back(which(read.x, t, 4));
    std::size_t told = 3;
    while (told < T && shown[told] == 3) ++told;
    ASSERT_EQ(shown[told], 2) << "the delimiter, after blanks";
    delays.insert(told - 3);
    for (std::size_t t = 0; t < T; ++t) {
      const bool recall = t > told && t <= told + 6;
      EXPECT_EQ(read.mask[t], recall ? 1 : 0);
      if (t != told && t >= 3) {
        EXPECT_EQ(shown[t], 3);
      }
      if (recall) {
        EXPECT_EQ(which(read.y, t, 2), shown[(t - told - 1) % 3]);
      }
    }
  }
  EXPECT_EQ(delays, (std::set<std::size_t>{4, 5, 6}));
  const auto grown = make_task_of("copy", 3, {{"delay", std::int64_t{6}}, {"repeats", std::int64_t{2}}});
  EXPECT_EQ(grown->curriculum()->length(5), 5 + 6 + 1 + 10);
}

TEST(Copy, LengthGrowsBelowTheThreshold) {
  const auto task = make_task_of("copy", 3);
  const double threshold = 0.15 * std::log(2.0);
  EXPECT_EQ(task->curriculum()->next(4, threshold * 0.999), 5);
  EXPECT_EQ(task->curriculum()->next(4, threshold * 1.001), 4);
  EXPECT_EQ(task->curriculum()->next(4, std::nan("")), 4);
  EXPECT_EQ(task->curriculum()->next(100, 0), 100);
}

TEST(Copy, IsLearntFromLengthOneOn) {
  const Config config = Config::parse(
      "[model]\ncell='gru'\nhidden=16\n[loss]\nname='cross_entropy'\n[rule]\nname='bptt'\n[optimizer]\nname='adam'\n"
      "lr=0.01\n[task]\nname='copy'\n[train]\nbatch=16\nsteps=6000\nreport_every=10\n",
      "test");
  Watcher watcher;
  RunOptions options;
  options.observer = &watcher;
  const RunResult result = train(config, *make_task(config), options);
  EXPECT_GT(result.level, 2);
  EXPECT_EQ(watcher.lines.front().level, 1);
  for (std::size_t i = 1; i < watcher.lines.size(); ++i) EXPECT_GE(watcher.lines[i].level, watcher.lines[i - 1].level);
}

}  // namespace
}  // namespace chronograd
