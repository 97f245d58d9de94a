// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/sizes.hpp"
#include "chronograd/task.hpp"
#include "learning/stepper.hpp"

namespace chronograd {

/// An answer and the class that it should have been.
struct Decision {
  std::size_t answer, target;
  double weight;
};

/// The answers of some streams to targets that are classes, as `readout.decide` says: of each step with a mask, or one
/// for each row and each part of it between resets that has such a step, of weight 1, with the target of the last of
/// them. They are told with the step that ends what they are about: with the row's last one, or the one before which
/// there is a reset.
template <class T>
class Decisions {
 public:
  /// Of m outputs; without `classes` there is nothing to answer.
  Decisions(Decide decide, bool classes, int outputs, int streams);

  /// Rows begin.
  void begin() { mass_.zero(); }
  /// Tells the answers that steps [from, to) of a segment come to. `reset` is [K][B]; with `row_ends` they are the
  /// row's last ones.
  template <class Told>
  void add(const Seen<T>& seen, const std::uint8_t* reset, int from, int to, bool row_ends, Told told) {
    if (!classes_) return;
    for (int k = from; k < to; ++k)
      for (int b = 0; b < streams_; ++b) {
        const std::size_t row = area(k, streams_) + static_cast<std::size_t>(b);
        if (decide_ != Decide::step && reset[row] != 0) end(b, told);
        const auto weight = static_cast<double>(seen.mask[row]);
        if (weight == 0) continue;
        if (decide_ == Decide::step)
          told(Decision{largest(seen.y + row * m_), largest(seen.target + row * m_), weight});
        else
          collect(seen, row, b, weight);
      }
    for (int b = 0; row_ends && decide_ != Decide::step && b < streams_; ++b) end(b, told);
  }
  /// Visits what rows have come to so far.
  void state(Archive& archive);

 private:
  template <class N>
  std::size_t largest(const N* values) const {
    return static_cast<std::size_t>(std::max_element(values, values + m_) - values);
  }
  void collect(const Seen<T>& seen, std::size_t row, int b, double weight);
  template <class Told>
  void end(int b, Told told) {
    const auto stream = static_cast<std::size_t>(b);
    if (mass_[stream] == 0) return;
    told(Decision{largest(sums_.data() + stream * m_), static_cast<std::size_t>(target_[stream]), 1});
    mass_[stream] = 0;
  }

  Decide decide_;
  bool classes_;
  std::size_t m_;
  int streams_;
  Buffer<double> sums_, mass_, target_;  ///< [B][m], [B], [B]; empty where steps answer
};

/// Those of a network on a task. Throws Error (usage) for answers of rows where targets are numbers or rows have no
/// end.
template <class T>
Decisions<T> decisions_of(const Network<T>& network, const Task& task, int streams);

}  // namespace chronograd
