// SPDX-License-Identifier: Apache-2.0
// Products with regressors that are mostly zero, as spikes are: a row of the weights is added for each number that is
// not. Whether that is worth while is told by a count of the numbers, never by the machine.
#pragma once

namespace chronograd {

/// True where few of the numbers of a (rows, cols) differ from zero: a seventh of them at most, half of any row, and
/// nowhere all in a line of 64 bytes.
template <class T>
bool few_differ_from_zero(int rows, int cols, const T* a, int lda);

/// C (rows, cols) += A (rows, inner) B (inner, cols), in the order of A's columns.
template <class T>
void add_events(int rows, int cols, int inner, const T* a, int lda, const T* b, int ldb, T* c, int ldc);

/// C (rows, cols) += A^T B with A (inner, rows) and B (inner, cols), in the order of their rows.
template <class T>
void add_transposed_events(int rows, int cols, int inner, const T* a, int lda, const T* b, int ldb, T* c, int ldc);

}  // namespace chronograd
