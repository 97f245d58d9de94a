// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "chronograd/error.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

constexpr std::size_t period = 60, jitter = 20, shortest = 9, longest = 14, stimulus = 4, outcome = 2, n = 5;

std::unique_ptr<Task> task_of(double gamma) {
  const auto whole = [](std::size_t value) { return static_cast<std::int64_t>(value); };
  return make_task_of("trace_conditioning", 7,
                      {{"period", whole(period)},
                       {"jitter", whole(jitter)},
                       {"shortest", whole(shortest)},
                       {"longest", whole(longest)},
                       {"distractors", whole(n - 2)},
                       {"gamma", gamma}});
}

TEST(TraceConditioning, an_outcome_follows_each_stimulus) {
  const Read read(*task_of(0.9), Split::train, 3, 0, 300 * period);
  std::set<std::size_t> places, delays;
  for (std::size_t trial = 0; trial < 300; ++trial) {
    std::vector<std::size_t> on[2];
    for (std::size_t t = 0; t < period; ++t)
      for (std::size_t i : {0U, 1U})
        if (read.x[(trial * period + t) * n + i] == 1) on[i].push_back(t);
    ASSERT_EQ(on[0].size(), outcome);
    ASSERT_EQ(on[1].size(), stimulus);
    EXPECT_EQ(on[0].back() - on[0].front(), outcome - 1);
    EXPECT_EQ(on[1].back() - on[1].front(), stimulus - 1);
    places.insert(on[1].front());
    delays.insert(on[0].front() - on[1].front());
  }
  EXPECT_EQ(places.size(), jitter + 1);
  EXPECT_EQ(*places.rbegin(), jitter);
  EXPECT_EQ(delays.size(), longest - shortest + 1);
  EXPECT_EQ(*delays.begin(), shortest);
}

/// The discounted sum, by its recursion from far behind the end.
TEST(TraceConditioning, the_target_is_the_discounted_sum_of_outcomes_to_come) {
  for (const double gamma : {0.0, 0.5, 0.9, 0.99}) {
    const int steps = 40 * period, more = 60 * period;
    const Read read(*task_of(gamma), Split::test, 1, 17, steps + more);
    double sum = 0;
    for (int t = steps + more - 2; t >= 0; --t) {
      sum = read.x[static_cast<std::size_t>(t + 1) * n] + gamma * sum;
      if (t >= steps) continue;
      EXPECT_NEAR(read.y[static_cast<std::size_t>(t)], sum, 1e-12) << gamma << ", " << t;
    }
  }
}

TEST(TraceConditioning, distractors_begin_with_their_own_chance) {
  const std::size_t steps = 200000;
  const Read read(*task_of(0.9), Split::train, 0, 0, steps);
  for (std::size_t i = 0; i < n - 2; ++i) {
    double off = 0, starts = 0;
    for (std::size_t t = 1; t < steps; ++t) {
      const double before = read.x[(t - 1) * n + 2 + i], now = read.x[t * n + 2 + i];
      if (before == 0) ++off;
      if (before == 0 && now == 1) ++starts;
    }
    const double chance = 0.1 / static_cast<double>(i + 1);
    EXPECT_NEAR(starts / off, chance, 5 * std::sqrt(chance / off));
  }
}

/// The references, counted on a long stream: means of the targets that share what is known.
TEST(TraceConditioning, references_are_what_knowledge_leaves) {
  const auto task = task_of(0.9);
  const std::size_t trials = 40000;
  struct Sums {
    double count = 0, sum = 0, squares = 0;
  };
  std::map<int, Sums> all, present;
  std::map<std::vector<std::size_t>, Sums> known;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const Read read(*task, Split::train, 0, static_cast<std::int64_t>(trial * period), period);
    std::size_t shown = period, came = period;
    for (std::size_t t = 0; t < period; ++t) {
      const bool u = read.x[t * n] == 1, s = read.x[t * n + 1] == 1;
      if (s && shown == period) shown = t;
      if (u && came == period) came = t;
      for (Sums* sums : {&all[0], &present[2 * u + s], &known[{t, shown, came}]}) {
        ++sums->count;
        sums->sum += read.y[t];
        sums->squares += read.y[t] * read.y[t];
      }
    }
  }
  const auto loss = [&](const auto& groups) {
    double left = 0;
    for (const auto& [key, sums] : groups) left += sums.squares - sums.sum * sums.sum / sums.count;
    return 0.5 * left / static_cast<double>(trials * period);
  };
  const auto references = task->references();
  ASSERT_EQ(references.size(), 3U);
  EXPECT_NEAR(references[0].value / loss(all), 1, 0.01);
  EXPECT_NEAR(references[1].value / loss(present), 1, 0.01);
  // Means over few trials explain a little by chance.
  EXPECT_NEAR(references[2].value / loss(known), 1, 0.03);
  EXPECT_TRUE(references[0].floor);
  EXPECT_LT(references[2].value, 0.5 * references[1].value) << "memory pays";
}

TEST(TraceConditioning, nothing_is_left_where_all_is_certain) {
  const auto task =
      make_task_of("trace_conditioning", 1,
                   {{"jitter", std::int64_t{0}}, {"shortest", std::int64_t{10}}, {"longest", std::int64_t{10}}});
  EXPECT_NEAR(task->references()[2].value, 0, 1e-15);
  EXPECT_GT(task->references()[1].value, 0.01);
}

TEST(TraceConditioning, refuses_what_does_not_fit_into_a_period) {
  EXPECT_THROW(make_task_of("trace_conditioning", 1, {{"shortest", std::int64_t{14}}}), Error);
  EXPECT_THROW(make_task_of("trace_conditioning", 1, {{"period", std::int64_t{54}}}), Error);
  EXPECT_NO_THROW(make_task_of("trace_conditioning", 1, {{"period", std::int64_t{55}}}));
}

}  // namespace
}  // namespace chronograd
