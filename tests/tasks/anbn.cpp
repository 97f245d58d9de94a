// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "chronograd/error.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

std::string text_of(const Task& task, std::int64_t row, std::int64_t t, int steps) {
  const Read read(task, Split::train, row, t, steps);
  std::string text;
  for (std::size_t k = 0; k < static_cast<std::size_t>(steps); ++k)
    for (std::size_t i = 0; i < 3; ++i)
      if (read.x[3 * k + i] == 1) text += "ab\n"[i];
  return text;
}

TEST(Anbn, IsBlocksOfAsManyLettersBAsA) {
  const auto task = make_task_of("anbn", 1, {{"shortest", std::int64_t{3}}, {"longest", std::int64_t{7}}});
  const std::string text = text_of(*task, 2, 0, 50000);
  ASSERT_EQ(text.size(), 50000U) << "one letter a step";
  std::map<std::size_t, double> lengths;
  std::size_t at = 0, blocks = 0;
  while (true) {
    const std::size_t n = text.find('\n', at) - at;
    if (at + 2 * n + 2 > text.size()) break;
    ASSERT_EQ(text.substr(at, 2 * n + 2), std::string(n, 'a') + "\n" + std::string(n, 'b') + "\n");
    ++lengths[n];
    ++blocks;
    at += 2 * n + 2;
  }
  ASSERT_EQ(lengths.size(), 5U);
  EXPECT_EQ(lengths.begin()->first, 3U);
  for (const auto& [n, count] : lengths) EXPECT_NEAR(count / static_cast<double>(blocks), 0.2, 0.03) << n;
}

TEST(Anbn, TargetIsTheNextLetter) {
  const auto task = make_task_of("anbn", 1);
  const Read read(*task, Split::test, 0, 1234, 500), next(*task, Split::test, 0, 1235, 500);
  EXPECT_EQ(read.y, next.x);
}

TEST(Anbn, FloorsAreEntropies) {
  const auto references = make_task_of("anbn", 1)->references();
  EXPECT_NEAR(references[2].value, std::log(32) / 35, 1e-15);
  EXPECT_NEAR(references[2].value / std::log(2), 0.1429, 1e-4) << "bits";
  // The entropy of a letter given the one before, counted.
  const std::string text = text_of(*make_task_of("anbn", 1), 0, 0, 400000);
  std::map<std::string, double> pairs;
  std::map<char, double> first;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    ++pairs[text.substr(i, 2)];
    ++first[text[i]];
  }
  double alone = 0, entropy = 0;
  for (const auto& [letter, count] : first) alone -= count * std::log(count / static_cast<double>(text.size()));
  EXPECT_NEAR(references[0].value, alone / static_cast<double>(text.size()), 0.003);
  EXPECT_TRUE(references[0].floor);
  for (const auto& [pair, count] : pairs) entropy -= count * std::log(count / first[pair[0]]);
  EXPECT_NEAR(references[1].value, entropy / static_cast<double>(text.size()), 0.003);
  EXPECT_EQ(
      make_task_of("anbn", 1, {{"shortest", std::int64_t{4}}, {"longest", std::int64_t{4}}})->references()[2].value, 0);
}

TEST(Anbn, RefusesAnEmptyRange) {
  EXPECT_THROW(make_task_of("anbn", 1, {{"shortest", std::int64_t{4}}, {"longest", std::int64_t{3}}}), Error);
}

}  // namespace
}  // namespace chronograd
