// SPDX-License-Identifier: Apache-2.0
// Optimal Kronecker sums: a sum of N = r + 1 products replaced by r others, unbiased and of least variance.
#pragma once

#include "chronograd/buffer.hpp"

namespace chronograd {

/// Of X = Q_left C_left C_right^T Q_right^T, where both Q have N orthonormal columns and both C are upper triangles,
/// into r = N - 1 products: the columns of Q_left T_left and those of Q_right T_right. With X = sum_i d_i p_i (x) q_i
/// its singular value decomposition, d falling, and mu the smallest index with (N - mu) d_mu <= S = sum_{i>=mu} d_i, k
/// = N - mu, z0_i = sqrt((S - k d_i) / S), their sum is, with signs sigma,
///   sum_{i<mu} d_i p_i (x) q_i + (S/k) [sum_{i>=mu} p_i (x) q_i - (sum sigma_i z0_i p_i) (x) (sum sigma_i z0_i q_i)]
/// Its mean over them is X and its variance S^2/k - sum_{i>=mu} d_i^2. If d_N <= tiny d_1 the first r terms of the
/// decomposition are X. (source: benzing2019optimal)
class KroneckerReduction {
 public:
  explicit KroneckerReduction(int most_products);

  /// Sets N; then the triangles j >= i are to be filled in.
  void begin(int products) { n_ = products; }
  double& left(int i, int j) { return left_[at(i, j)]; }
  double& right(int i, int j) { return right_[at(i, j)]; }
  /// `last` [N] is the row of Q_left in which no p_i is negative; `sigma` [N] the signs.
  void reduce(const double* last, const double* sigma, double tiny);
  /// T transposed, [r][N]: row j are the weights that the new product j takes of the columns of Q.
  const double* left_weights() const { return left_.data(); }
  const double* right_weights() const { return right_.data(); }

 private:
  std::size_t at(int i, int j) const {
    return static_cast<std::size_t>(i) * static_cast<std::size_t>(n_) + static_cast<std::size_t>(j);
  }
  void decompose();
  void mix(const double* sigma, double tiny);
  void weigh(const Buffer<double>& vectors, Buffer<double>& weights) const;

  int n_ = 0;
  Buffer<double> left_, right_;  ///< C, and at last T transposed
  Buffer<double> u_, v_;         ///< singular vectors of C_left C_right^T, one a row, d falling
  Buffer<double> d_, lambda_, z_;
};

}  // namespace chronograd
