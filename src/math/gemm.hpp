// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace chronograd {

/// How a matrix enters a product.
enum class Op { none, transposed };

/// C = A B + beta C for row-major matrices: op(A) is (M, N_inner), op(B) is (N_inner, N), C is (M, N); `ld*` is the
/// distance between rows as stored. beta is 0 (C is not read) or 1. One thread, and the same bits whichever thread
/// calls it. The library behind it is chosen by size and type: own loops for one row, libxsmm for small float32
/// products, oneDNN for large ones, Eigen otherwise.
template <class T>
void gemm(Op op_a, Op op_b, int rows, int cols, int inner, const T* a, int lda, const T* b, int ldb, T beta, T* c,
          int ldc);

/// Into how long pieces to cut the inner dimension of a long product C += op(A) op(B): long enough that C is not read
/// and written too often, short enough that a piece stays in the cache.
int terms_at_once(int rows, int cols);

/// Names and versions of the libraries that `gemm` was built with, for a run's environment record.
const char* gemm_libraries();

}  // namespace chronograd
