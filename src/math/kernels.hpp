// SPDX-License-Identifier: Apache-2.0
// The loops over contiguous numbers that every rule is made of, compiled once per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "chronograd/bf16.hpp"

namespace chronograd {

/// Some columns of a block of the influence matrix, all rows of them without gaps, and the rows of a sparse J: row a of
/// J M is the sum over its terms of value times row source of M.
template <class T>
struct InfluenceTile {
  int width;        ///< columns, a multiple of Kernels::lanes
  int stride;       ///< numbers between rows
  const int* runs;  ///< pairs of numbers (terms, rows): each of the next `rows` rows has `terms` terms
  const int* runs_end;
  const int* source;  ///< of each term, row by row: the number of its row of M times `stride`
  const T* value;     ///< of each term
  const T* credit;    ///< of each row
  const T* from;      ///< M before the step
  T* to;              ///< M after it, elsewhere
  const T* next;      ///< what is wanted after this tile: as many numbers are fetched on the way
  T* read;            ///< [width]
};

/// A table of functions for one instruction set. Vectors are contiguous; none may overlap unless it says so.
/// Matrices are row-major with `ld` numbers between rows.
template <class T>
struct Kernels {
  int lanes;  ///< numbers in a vector

  // --- vectors of n numbers
  void (*scale)(int n, T factor, T* x);             ///< x *= factor
  void (*add)(int n, const T* x, T* y);             ///< y += x
  void (*axpy)(int n, T factor, const T* x, T* y);  ///< y += factor x
  /// y += a x and w += b x
  void (*axpy_pair)(int n, const T* x, T a, T* y, T b, T* w);
  void (*multiply)(int n, const T* x, T* y);                          ///< y *= x, element-wise
  void (*multiply_add)(int n, const T* a, const T* x, T* y);          ///< y += a x, element-wise
  T (*dot)(int n, const T* x, const T* y);                            ///< sum of x y
  T (*squared_norm)(int n, const T* x);                               ///< sum of x^2
  void (*gather)(int n, const int* index, const T* from, T* to);      ///< to[i] = from[index[i]]
  void (*gather_add)(int n, const int* index, const T* from, T* to);  ///< to[i] += from[index[i]]
  /// x[i] = 0 where bit i % 64 of bits[i / 64] is not set
  void (*keep)(int n, const std::uint64_t* bits, T* x);

  // --- numbers stored in 16 bits; of floats alone, null for doubles
  void (*widen)(int n, const Bf16* x, T* y);   ///< y = x
  void (*narrow)(int n, const T* x, Bf16* y);  ///< y = x, rounded
  /// y (cols) += x (rows) W (rows, cols), W beyond the nearest cache
  void (*far_row_times)(int rows, int cols, const T* x, const Bf16* w, std::ptrdiff_t ld, T* y);

  // --- one row times a matrix
  /// y (cols) = beta y + x (rows) W (rows, cols); beta is 0 or 1.
  void (*row_times)(int rows, int cols, const T* x, const T* w, int ld, T beta, T* y);
  /// y (rows) = beta y + W (rows, cols) x (cols): dot products along the rows of W.
  void (*times_column)(int rows, int cols, const T* w, int ld, const T* x, T beta, T* y);
  /// G (rows, cols) += x (rows) y (cols)^T
  void (*outer_add)(int rows, int cols, const T* x, const T* y, T* g, int ld);

  // --- eligibility traces of units with S = 1 state; rows = regressors, cols = units
  /// E <- diag-scaled E + x g^T: e[j][i] = carry[i] e[j][i] + x[j] gain[i];  G[j][i] += credit[i] e[j][i]. One pass.
  void (*trace_step)(int rows, int cols, const T* carry, const T* gain, const T* x, const T* credit, T* e, int lde,
                     T* g, int ldg);
  /// The same for a weight with S = 1 ... 6 numbers of trace, E_s at distance `between`, whose gradient is read from
  /// the trace before the step: G += sum_s read_s E_s + x direct, then E_r <- sum_s carry_rs E_s + x gain_r. carry
  /// [S][S], gain [S] and read [S] are vectors of cols numbers, one after the other.
  void (*trace_step_many)(int states, int rows, int cols, const T* carry, const T* gain, const T* read, const T* direct,
                          const T* x, T* e, std::ptrdiff_t between, int lde, T* g, int ldg);
  /// B <- keep B + x y^T and G += weight B, one pass; returns the sum of squares of the new B.
  T (*rank_one_step)(int rows, int cols, T keep, const T* x, const T* y, T weight, T* b, int ldb, T* g, int ldg);
  /// G[j][i] += credit[i] e[j][i]
  void (*trace_read)(int rows, int cols, const T* credit, const T* e, int lde, T* g, int ldg);

  // --- influence matrices
  /// to = J from, read = credit to (contract: InfluenceTile).
  void (*influence_step)(const InfluenceTile<T>& tile);

  // --- optimisers over n parameters; each reads the gradient and sets it to zero for the next interval
  void (*sgd)(int n, T lr, T* theta, T* grad);                          ///< theta -= lr grad
  void (*momentum)(int n, T lr, T mu, T* velocity, T* theta, T* grad);  ///< v = mu v + grad; theta -= lr v
  /// s = rho s + (1 - rho) grad^2; theta -= lr grad / (sqrt(s) + epsilon)
  void (*rmsprop)(int n, T lr, T rho, T epsilon, T* s, T* theta, T* grad);
  /// m = b1 m + (1 - b1) grad; v = b2 v + (1 - b2) grad^2; theta = theta (1 - decay) - step m / (sqrt(v) root +
  /// epsilon). The two published forms of epsilon and the bias corrections are in step and root.
  void (*adam)(int n, T step, T b1, T b2, T root, T epsilon, T decay, T* m, T* v, T* theta, T* grad);
};

/// The table of the active instruction set.
template <class T>
const Kernels<T>& kernels();

}  // namespace chronograd
