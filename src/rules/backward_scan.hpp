// SPDX-License-Identifier: Apache-2.0
// The scan that most rules share: credit runs backwards through a segment and each step's use of the weights is
// charged with it. What differs is how much of the Jacobian the credit passes through: all of it is BPTT, the local
// part is RFLO, nothing is the immediate rule.
#pragma once

#include <algorithm>

#include "chronograd/cell.hpp"

namespace chronograd {

/// Scratch of backward scans; sized on first use.
template <class T>
class BackwardScan {
 public:
  explicit BackwardScan(const Cell<T>& cell) : cell_(cell) {}

  /// grad += sum over steps [k0, k1) of e (x) z, with e from the credit c [K][B][d] (used up: it ends up as the total
  /// credit on h) carried back through `recurrent` parts of the Jacobians. With `temporal` false no credit is carried
  /// at all. `lambda` [B][S d] must be zero on entry (or hold credit that comes from later); `entry` [B][d], if not
  /// null, gets the credit on h before step k0 that came through the recurrent part, and lambda the one through A.
  void run(const Segment<T>& segment, int k0, int k1, Recurrent recurrent, bool temporal, T* c, T* lambda, T* entry,
           T* grad) {
    const int B = segment.streams, d = cell_.units(), rows = cell_.rows();
    // Gradients are one product for several steps: long enough to run at the speed of the machine, short enough for
    // the credits to stay in the cache.
    const int chunk = std::clamp(columns_ / B, 1, std::max(1, k1 - k0));
    const auto size = static_cast<std::size_t>(chunk) * static_cast<std::size_t>(B) * static_cast<std::size_t>(rows);
    if (e_.size() < size) e_.resize(size);
    const auto credit = [&](int k) { return c + static_cast<std::size_t>(k * B) * static_cast<std::size_t>(d); };
    for (int high = k1; high > k0; high -= chunk) {
      const int low = std::max(k0, high - chunk);
      for (int k = high - 1; k >= low; --k) {
        T* previous = !temporal ? nullptr : (k > k0 ? credit(k - 1) : entry);
        cell_.pull(segment, k, recurrent, lambda, credit(k),
                   e_.data() + static_cast<std::size_t>((k - low) * B) * static_cast<std::size_t>(rows), previous);
        if (!temporal)
          std::fill_n(lambda, static_cast<std::size_t>(B * cell_.states()) * static_cast<std::size_t>(d), T(0));
      }
      cell_.accumulate(segment, low, high, e_.data(), grad);
    }
  }

 private:
  static constexpr int columns_ = 256;
  const Cell<T>& cell_;
  Buffer<T> e_;
};

}  // namespace chronograd
