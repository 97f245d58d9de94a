// SPDX-License-Identifier: Apache-2.0
#include "rules/kronecker_reduction.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chronograd {
namespace {

double dot(int n, const double* x, const double* y) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

/// (x, y) <- (c x - s y, s x + c y)
void turn(int n, double c, double s, double* x, double* y) {
  for (int i = 0; i < n; ++i) {
    const double before = x[i];
    x[i] = c * before - s * y[i];
    y[i] = s * before + c * y[i];
  }
}

}  // namespace

KroneckerReduction::KroneckerReduction(int most_products) {
  const auto n = static_cast<std::size_t>(most_products);
  for (Buffer<double>* square : {&left_, &right_, &u_, &v_, &lambda_}) square->resize(n * n);
  d_.resize(n);
  z_.resize(n);
}

/// Singular value decomposition of C_left C_right^T by one-sided Jacobi turns, to the last digits.
void KroneckerReduction::decompose() {
  const int n = n_;
  // Row j of u_ is column j of the product.
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < n; ++i) {
      double sum = 0;
      for (int k = std::max(i, j); k < n; ++k) sum += left_[at(i, k)] * right_[at(j, k)];
      u_[at(j, i)] = sum;
      v_[at(j, i)] = i == j ? 1 : 0;
    }
  constexpr int most_sweeps = 40;
  const double orthogonal = n * std::numeric_limits<double>::epsilon();
  bool turned = true;
  for (int sweep = 0; turned && sweep < most_sweeps; ++sweep) {
    turned = false;
    for (int i = 0; i < n; ++i)
      for (int j = i + 1; j < n; ++j) {
        double *x = u_.data() + at(i, 0), *y = u_.data() + at(j, 0);
        const double xx = dot(n, x, x), yy = dot(n, y, y), xy = dot(n, x, y);
        if (!(std::fabs(xy) > orthogonal * std::sqrt(xx) * std::sqrt(yy))) continue;
        turned = true;
        const double zeta = (yy - xx) / (2 * xy),
                     t = std::copysign(1.0, zeta) / (std::fabs(zeta) + std::hypot(1.0, zeta)),
                     c = 1 / std::hypot(1.0, t), s = c * t;
        turn(n, c, s, x, y);
        turn(n, c, s, v_.data() + at(i, 0), v_.data() + at(j, 0));
      }
  }
  for (int i = 0; i < n; ++i) {
    double* row = u_.data() + at(i, 0);
    const double length = std::sqrt(dot(n, row, row));
    d_[static_cast<std::size_t>(i)] = length;
    for (int k = 0; k < n && length > 0; ++k) row[k] /= length;
  }
  for (int i = 0; i < n; ++i) {  // d falling
    const auto largest = static_cast<int>(std::max_element(d_.data() + i, d_.data() + n) - d_.data());
    if (largest == i) continue;
    std::swap(d_[static_cast<std::size_t>(i)], d_[static_cast<std::size_t>(largest)]);
    std::swap_ranges(u_.data() + at(i, 0), u_.data() + at(i + 1, 0), u_.data() + at(largest, 0));
    std::swap_ranges(v_.data() + at(i, 0), v_.data() + at(i + 1, 0), v_.data() + at(largest, 0));
  }
}

/// lambda_ [r][N]: what each new product takes of each singular pair.
void KroneckerReduction::mix(const double* sigma, double tiny) {
  const int n = n_, r = n - 1;
  const double* d = d_.data();
  std::fill_n(lambda_.data(), static_cast<std::size_t>(r) * static_cast<std::size_t>(n), 0.0);
  int mu = r;
  double sum = 0;
  if (!(d[r] <= tiny * d[0])) {
    // (N - mu) d_mu <= sum_{i>=mu} d_i holds from some index on to the last but one.
    mu = r - 1;
    sum = d[r] + d[r - 1];
    while (mu > 0 && (r - mu + 1) * d[mu - 1] <= sum + d[mu - 1]) sum += d[--mu];
  }
  for (int i = 0; i < mu; ++i) lambda_[at(i, i)] = std::sqrt(d[i]);
  if (mu == r) return;
  // z0 and, by the reflection that takes the first unit vector to it, the rest of an orthonormal basis.
  const int k = r - mu;
  double* z = z_.data();
  double length = 0;
  for (int i = mu; i < n; ++i) {
    z[i] = std::sqrt(std::max(sum - k * d[i], 0.0));
    length += z[i] * z[i];
  }
  length = std::sqrt(length);
  for (int i = mu; i < n; ++i) z[i] /= length;
  z[mu] += 1;                                                  // z0_mu is not negative: nothing cancels
  const double scale = std::sqrt(sum / k), twice = 1 / z[mu];  // 2 / |z|^2, |z|^2 = 2 z_mu
  for (int j = 0; j < k; ++j)
    for (int i = mu; i < n; ++i) {
      const double unit = i == mu + 1 + j ? 1 : 0;
      lambda_[at(mu + j, i)] = scale * sigma[i] * (unit - twice * z[i] * z[mu + 1 + j]);
    }
}

/// weights [r][N]: row j is sum_i lambda_ji vector_i.
void KroneckerReduction::weigh(const Buffer<double>& vectors, Buffer<double>& weights) const {
  std::fill_n(weights.data(), at(n_ - 1, 0), 0.0);
  for (int j = 0; j < n_ - 1; ++j)
    for (int i = 0; i < n_; ++i) {
      const double weight = lambda_[at(j, i)];
      for (int k = 0; k < n_ && weight != 0; ++k) weights[at(j, k)] += weight * vectors[at(i, k)];
    }
}

void KroneckerReduction::reduce(const double* last, const double* sigma, double tiny) {
  decompose();
  for (int i = 0; i < n_; ++i) {
    if (!(dot(n_, last, u_.data() + at(i, 0)) < 0)) continue;
    for (int k = 0; k < n_; ++k) {
      u_[at(i, k)] = -u_[at(i, k)];
      v_[at(i, k)] = -v_[at(i, k)];
    }
  }
  mix(sigma, tiny);
  weigh(u_, left_);
  weigh(v_, right_);
}

}  // namespace chronograd
