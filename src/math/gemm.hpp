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

/// How many terms of a long sum C += op(A) op(B) one product should take, where they can be cut freely: so many that C
/// is not read and written too often, and so few that what is summed stays in the cache.
int terms_at_once(int rows, int cols);

/// Names and versions of the libraries that `gemm` was built with, for a run's environment record.
const char* gemm_libraries();

}  // namespace chronograd
