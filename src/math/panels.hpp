// SPDX-License-Identifier: Apache-2.0
// Products with a right factor that was cut into panels: groups of a few columns, each group contiguous. Straight out
// of a wide matrix the same columns are far apart, and their rows compete for the same places in the nearest cache.
#pragma once

#include "chronograd/buffer.hpp"
#include "math/gemm.hpp"

namespace chronograd {

/// A right factor that is kept for many products: a segment's weights.
template <class T>
class Panels {
 public:
  /// Makes room for a factor of this size; `pack` then takes nothing from the heap.
  void reserve(int inner, int cols) {
    numbers_.resize(static_cast<std::size_t>(inner) * static_cast<std::size_t>(cols));
  }
  /// Copies op(B) (inner, cols).
  void pack(Op op_b, int inner, int cols, const T* b, int ldb);
  /// C (rows, cols) = beta C + A (rows, inner) op(B); beta is 0 or 1.
  void multiply(int rows, const T* a, int lda, T beta, T* c, int ldc) const;

 private:
  Buffer<T> numbers_;
  int inner_ = 0, cols_ = 0;
};

/// C = beta C + op(A) op(B) through panels of blocks of B; false if no library for the blocks is at hand.
bool panel_product(Op op_a, Op op_b, int rows, int cols, int inner, const float* a, int lda, const float* b, int ldb,
                   float beta, float* c, int ldc);

}  // namespace chronograd
