// SPDX-License-Identifier: Apache-2.0
// Products with a right factor that was cut into panels: groups of a few columns, each group contiguous. Straight out
// of a wide matrix the same columns are far apart, and their rows compete for the same places in the nearest cache.
#pragma once

#include "math/gemm.hpp"

namespace chronograd {

/// Copies op(B) (inner, cols) into panels, inner * cols numbers: a right factor that is kept for many products.
template <class T>
void to_panels(Op op_b, int inner, int cols, const T* b, int ldb, T* panels);
/// C (rows, cols) = beta C + A (rows, inner) op(B), from what `to_panels` made of op(B); beta is 0 or 1.
template <class T>
void times_panels(int rows, int cols, int inner, const T* a, int lda, const T* panels, T beta, T* c, int ldc);

/// C = beta C + op(A) op(B) through panels of blocks of B; false if no library for the blocks is at hand.
bool panel_product(Op op_a, Op op_b, int rows, int cols, int inner, const float* a, int lda, const float* b, int ldb,
                   float beta, float* c, int ldc);

}  // namespace chronograd
