// SPDX-License-Identifier: Apache-2.0
// Streams of made-up numbers, as a task for the trainer and step by step for a learner.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "chronograd/error.hpp"
#include "chronograd/learner.hpp"
#include "chronograd/random.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/task.hpp"

namespace chronograd::learning {

constexpr int n = 3, m = 2;

/// Step t of stream b.
struct Step {
  double x[n], y[m], weight;
  bool reset;
};

inline Step step_of(std::int64_t b, std::int64_t t) {
  Random random(7, Draw::data, static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(t));
  Step step{};
  // Numbers that float32 holds too.
  for (double& x : step.x) x = static_cast<double>(static_cast<float>(random.normal()));
  for (double& y : step.y) y = static_cast<double>(static_cast<float>(0.5 * random.normal()));
  constexpr double weights[] = {1, 1, 0, 0.5};
  step.weight = weights[random.below(4)];
  step.reset = t > 0 && random.below(9) == 0;
  return step;
}

/// Endless streams of these steps.
class Streams final : public Task {
 public:
  int inputs() const override { return n; }
  int outputs() const override { return m; }
  std::int64_t length(Split) const override { return 0; }
  std::int64_t rows(Split split) const override { return split == Split::train ? 0 : -1; }
  void read(Split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    for (int k = 0; k < steps; ++k) {
      const Step step = step_of(row, t + k);
      std::copy_n(step.x, n, out.x + k * n);
      std::copy_n(step.y, m, out.y + k * m);
      out.mask[k] = step.weight;
      out.reset[k] = step.reset ? 1 : 0;
    }
  }
  std::string summary() const override { return "made-up numbers"; }
};

/// A small network; `words` on top.
inline Config config_of(const std::vector<std::string>& words) {
  return Config::parse(
      "seed = 3\n[model]\ncell = \"gru\"\nhidden = 5\n[loss]\nname = \"mse\"\n[rule]\nname = \"rflo\"\n[update]\n"
      "every = 1\n[optimizer]\nname = \"adam\"\nlr = 0.01\n",
      "test", words);
}

/// Rules that run on streams without a third factor.
inline std::vector<const RuleRecord*> stream_rules() {
  std::vector<const RuleRecord*> rules;
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    if (rule->segments != Segments::row && rule->entry.name != std::string("three_factor")) rules.push_back(rule);
  return rules;
}

/// What a learner did: all predictions, losses and last parameters.
template <class T>
struct Course {
  std::vector<T> y;
  std::vector<double> loss;
  std::vector<T> theta;
  bool operator==(const Course& other) const {
    return same(y, other.y) && same(loss, other.loss) && same(theta, other.theta);
  }
  template <class U>
  static bool same(const std::vector<U>& a, const std::vector<U>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(U)) == 0;
  }
};

/// Lets a learner of B streams run steps [from, to). Targets and weights are those of `delay` steps before.
template <class T>
Course<T> go(Learner<T>& learner, int B, std::int64_t from, std::int64_t to, int delay = 0) {
  Course<T> course;
  std::vector<T> x(static_cast<std::size_t>(B) * n), y(static_cast<std::size_t>(B) * m),
      weight(static_cast<std::size_t>(B));
  for (std::int64_t t = from; t < to; ++t) {
    for (int b = 0; b < B; ++b) {
      const Step step = step_of(b, t), late = step_of(b, std::max<std::int64_t>(0, t - delay));
      if (step.reset) learner.reset(b);
      for (int i = 0; i < n; ++i) x[static_cast<std::size_t>(b * n + i)] = static_cast<T>(step.x[i]);
      for (int i = 0; i < m; ++i) y[static_cast<std::size_t>(b * m + i)] = static_cast<T>(late.y[i]);
      weight[static_cast<std::size_t>(b)] = static_cast<T>(late.weight);
    }
    const std::span<const T> out = learner.predict(x);
    course.y.insert(course.y.end(), out.begin(), out.end());
    course.loss.push_back(learner.learn(y, weight));
  }
  const std::span<T> theta = learner.theta();
  course.theta.assign(theta.begin(), theta.end());
  return course;
}

/// "snap on gru, every 3": for failures.
inline std::string text_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace chronograd::learning
