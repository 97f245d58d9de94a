// SPDX-License-Identifier: Apache-2.0
// A third factor: a signal that training data bring beside inputs and targets, for rules that learn from it in place of
// what the losses say (source: gerstner2018eligibility). Tasks and rules that know of one are these classes as well.
#pragma once

#include <cstdint>

#include "chronograd/export.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// What a task is, beside a Task, whose training rows have a third factor.
class CHRONOGRAD_API ThirdFactor {
 public:
  virtual ~ThirdFactor() = default;
  virtual int third() const = 0;  ///< q, its numbers a step; 0: there is none
  /// out [K][q] of steps [t, t + K) of a training row. Pure, as Task::read is.
  virtual void read_third(std::int64_t row, std::int64_t t, int steps, double* out) const = 0;
};

/// The task's third factor; null if it has none.
inline const ThirdFactor* third_factor(const Task& task) {
  const auto* third = dynamic_cast<const ThirdFactor*>(&task);
  return third != nullptr && third->third() > 0 ? third : nullptr;
}
/// q of the task; 0: it has none.
inline int third_numbers(const Task& task) {
  const ThirdFactor* third = third_factor(task);
  return third == nullptr ? 0 : third->third();
}

/// A rule that learns from a third factor.
template <class T>
class CHRONOGRAD_API ThirdFactorRule : public Rule<T> {
 public:
  /// How many numbers a step there will be, 0 for none: once, before all else. Throws Error (data) if the rule cannot
  /// do with them.
  virtual void expect(int numbers) = 0;
  /// third [K][B][q] of the segment that `learn` gets next, over what its losses are divided by.
  virtual void hear(const T* third) = 0;
};

/// Tells a rule what it is to expect, if it asks.
template <class T>
void expect_third(Rule<T>& rule, int numbers) {
  if (auto* asks = dynamic_cast<ThirdFactorRule<T>*>(&rule)) asks->expect(numbers);
}
template <class T>
void hear_third(Rule<T>& rule, const T* third) {
  if (auto* asks = dynamic_cast<ThirdFactorRule<T>*>(&rule)) asks->hear(third);
}

}  // namespace chronograd
