// SPDX-License-Identifier: Apache-2.0
// The scan that most rules share: credit runs backwards through a segment and each step's use of the weights is
// charged with it. What differs is how much of the Jacobian the credit passes through: all of it is BPTT, the local
// part is RFLO, nothing is the immediate rule.
#pragma once

#include <algorithm>

#include "base/sizes.hpp"
#include "chronograd/stack.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "rules/further_credit.hpp"

namespace chronograd {

/// Scratch of backward scans; sized on first use.
template <class T>
class BackwardScan {
 public:
  explicit BackwardScan(const Stack<T>& stack) : stack_(stack) {}

  /// grad += sum over steps [k0, k1) of du (x) z, with du from the segment's credit (c is used up) carried back through
  /// `recurrent` parts of the Jacobians; with `temporal` false it is not carried at all. `before` [B][N S d], if not
  /// null, gets the credit on the state before step k0. `after` [B][N S d], null for none, is credit on the state after
  /// step k1 - 1 beside the segment's.
  void run(Layers<T> layers, int k0, int k1, Recurrent recurrent, bool temporal, const Credit<T>& credit, T* before,
           T* grad, const T* after = nullptr) {
    const int B = layers[0].streams, d = stack_.shown_width(), rows = stack_.rows(), width = stack_.width();
    const bool further = !credit.further.empty();
    // Gradients are one product for several steps: long enough to run at the speed of the machine, short enough for
    // the credits to stay in the cache.
    const int terms = terms_at_once(stack_.layer(0).columns(), stack_.layer(0).rows());
    const int chunk = std::clamp(terms / B, 1, std::max(1, k1 - k0));
    reserve(du_, area(chunk * B, rows));
    // With h for the only state, all credit from later steps is credit on h and is summed there.
    T* lambda = nullptr;
    if ((temporal && width > stack_.units()) || further || after) {
      reserve(lambda_, area(B, width));
      if (after)
        std::copy_n(after, area(B, width), lambda_.data());
      else
        lambda_.zero();
      lambda = lambda_.data();
    }
    if (before) {
      reserve(entry_, area(B, d));
      entry_.zero();
    }
    const auto shown = [&](int k) { return credit.c + area(k * B, d); };
    for (int high = k1; high > k0; high -= chunk) {
      const int low = std::max(k0, high - chunk);
      for (int k = high - 1; k >= low; --k) {
        T* previous = !temporal ? nullptr : k > k0 ? shown(k - 1) : before ? entry_.data() : nullptr;
        if (further && !temporal) lambda_.zero();
        if (further) add_further(stack_, credit, k, B, lambda);
        stack_.pull(layers, k, recurrent, lambda, shown(k), du_.data() + area((k - low) * B, rows), previous);
      }
      stack_.accumulate(layers, low, high, du_.data(), grad);
    }
    if (!before) return;
    if (lambda)
      std::copy_n(lambda, area(B, width), before);
    else
      std::fill_n(before, area(B, width), T(0));
    for (int b = 0; b < B; ++b)
      kernels<T>().add(d, entry_.data() + area(b, d), before + area(b, width) + stack_.shown());
  }

 private:
  static void reserve(Buffer<T>& buffer, std::size_t numbers) {
    if (buffer.size() < numbers) buffer.resize(numbers);
  }

  const Stack<T>& stack_;
  Buffer<T> du_, lambda_, entry_;
};

}  // namespace chronograd
