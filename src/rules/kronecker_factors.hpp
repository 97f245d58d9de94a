// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/sizes.hpp"
#include "chronograd/rule.hpp"
#include "math/kernels.hpp"

namespace chronograd {

/// Of each stream and each group of pre-activations that read the same regressors a product A (x) B, which stands for
/// the group's influence. Both factors begin at zero.
template <class T>
class KroneckerFactors {
 public:
  struct Sizes {
    std::size_t a, b;  ///< numbers of A and of B
  };
  /// `sizes_of` tells those of a block.
  template <class SizesOf>
  KroneckerFactors(const Stack<T>& stack, int streams, const SizesOf& sizes_of) {
    for (const StackBlock& block : stack.blocks()) {
      const Sizes sizes = sizes_of(block);
      a_at_.push_back(a_at_.back() + sizes.a);
      b_at_.push_back(b_at_.back() + sizes.b);
      most_b_ = std::max(most_b_, sizes.b);
    }
    a_.resize(area(streams, 1) * a_at_.back());
    b_.resize(area(streams, 1) * b_at_.back());
  }

  /// Of group `pair` in stream b.
  T* a(int b, std::size_t pair) { return a_.data() + static_cast<std::size_t>(b) * a_at_.back() + a_at_[pair]; }
  T* b(int b, std::size_t pair) { return b_.data() + static_cast<std::size_t>(b) * b_at_.back() + b_at_[pair]; }
  /// Where A of a group begins among the A of a stream, and how many numbers these have.
  std::size_t a_at(std::size_t pair) const { return a_at_[pair]; }
  std::size_t all_a() const { return a_at_.back(); }
  std::size_t most_b() const { return most_b_; }

  /// A step of a product of so many numbers: B becomes `pushed`, what the Jacobian makes of it, and the two are scaled
  /// to be of one length, A <- rho A, B <- pushed / rho with rho = sqrt(|pushed| / |A|), which keeps the noise of what
  /// is added to both at its least (source: mujika2018approximating). A product one of whose factors is zero is zero.
  static void advance(int numbers_a, T* a, int numbers_b, const T* pushed, T* b) {
    const Kernels<T>& loops = kernels<T>();
    const T norm_a = std::sqrt(loops.squared_norm(numbers_a, a)),
            norm_b = std::sqrt(loops.squared_norm(numbers_b, pushed));
    if (norm_a > 0 && norm_b > 0) {
      const T rho = std::sqrt(norm_b / norm_a);
      loops.scale(numbers_a, rho, a);
      std::copy_n(pushed, numbers_b, b);
      loops.scale(numbers_b, 1 / rho, b);
    } else {
      std::fill_n(a, numbers_a, T(0));
      std::fill_n(b, numbers_b, T(0));
    }
  }

  void begin() {
    a_.zero();
    b_.zero();
  }
  void state(Archive& archive) {
    archive.array("A", a_.span());
    archive.array("B", b_.span());
  }

 private:
  std::vector<std::size_t> a_at_{0}, b_at_{0};  ///< where the factors of each group begin among those of a stream
  std::size_t most_b_ = 0;
  Buffer<T> a_, b_;  ///< [B][groups]
};

}  // namespace chronograd
