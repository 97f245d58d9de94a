// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "chronograd/array.hpp"

namespace chronograd {

/// Collects what segments have at hand, steps first, into an array of T, streams first: (rows, steps, width).
template <class T>
class StreamRecord {
 public:
  StreamRecord(std::int64_t rows, std::int64_t steps, int width)
      : rows_(rows),
        steps_(steps),
        width_(width),
        values_(static_cast<std::size_t>(rows) * static_cast<std::size_t>(steps) * static_cast<std::size_t>(width)) {}

  /// `from` holds [steps][streams] rows of the width, at distance ld (0: the width). They are steps t, t + 1, ... of
  /// the rows first, first + 1, ...; streams beyond the last row are left out.
  template <class U>
  void add(std::int64_t first, std::int64_t t, int streams, int steps, const U* from, int ld = 0) {
    if (ld == 0) ld = width_;
    const auto count = static_cast<int>(std::min<std::int64_t>(streams, rows_ - first));
    for (int k = 0; k < steps; ++k)
      for (int b = 0; b < count; ++b) {
        const U* row = from + static_cast<std::ptrdiff_t>(ld) * (static_cast<std::ptrdiff_t>(k) * streams + b);
        T* to = values_.data() + ((first + b) * steps_ + t + k) * width_;
        for (int i = 0; i < width_; ++i) to[i] = static_cast<T>(row[i]);
      }
  }

  /// Gives the numbers away; without their last axis where it is one.
  Array array(bool with_width = true) {
    std::vector<std::size_t> shape = {static_cast<std::size_t>(rows_), static_cast<std::size_t>(steps_)};
    if (with_width) shape.push_back(static_cast<std::size_t>(width_));
    return Array::of(std::move(shape), std::move(values_));
  }

 private:
  std::int64_t rows_, steps_;
  int width_;
  std::vector<T> values_;
};

}  // namespace chronograd
