// SPDX-License-Identifier: Apache-2.0
// The reduction of r + 1 products to r: over all signs its mean is what it was made of and its variance is S^2/k - sum
// d^2; it is what it is in closed form, whatever the factors.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "rules/kronecker_reduction.hpp"

namespace chronograd::identities {
namespace {

using Matrix = std::vector<std::vector<double>>;  // columns

Matrix random_columns(int count, int length, std::mt19937_64& source) {
  std::normal_distribution<double> normal;
  Matrix columns(count, std::vector<double>(length));
  for (auto& column : columns)
    for (double& v : column) v = normal(source);
  return columns;
}

double inner(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

/// Makes the columns orthonormal.
void orthonormalise(Matrix& columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (int twice = 0; twice < 2; ++twice)
      for (std::size_t j = 0; j < i; ++j) {
        const double part = inner(columns[i], columns[j]);
        for (std::size_t k = 0; k < columns[i].size(); ++k) columns[i][k] -= part * columns[j][k];
      }
    const double size = std::sqrt(inner(columns[i], columns[i]));
    for (double& v : columns[i]) v /= size;
  }
}

/// sum_i d_i p_i (x) q_i, row by row.
std::vector<double> product_of(const Matrix& p, const Matrix& q, const std::vector<double>& d) {
  std::vector<double> X;
  for (std::size_t a = 0; a < p[0].size(); ++a)
    for (std::size_t b = 0; b < q[0].size(); ++b) {
      double sum = 0;
      for (std::size_t i = 0; i < d.size(); ++i) sum += d[i] * p[i][a] * q[i][b];
      X.push_back(sum);
    }
  return X;
}

/// X of these singular values, given to the reduction as C_left = diag(sqrt d) turned by random bases: Q_left C_left
/// C_right^T Q_right^T with triangles C from orthonormalising random mixtures of the singular vectors.
struct Problem {
  Problem(const std::vector<double>& values, std::uint64_t seed) : d(values) {
    std::mt19937_64 source(seed);
    const auto n = static_cast<int>(d.size());
    p = random_columns(n, n + 3, source);
    q = random_columns(n, n + 5, source);
    orthonormalise(p);
    orthonormalise(q);
    for (std::size_t i = 0; i < p.size(); ++i)
      if (p[i].back() < 0) {
        for (double& v : p[i]) v = -v;
        for (double& v : q[i]) v = -v;
      }
    X = product_of(p, q, d);
    // X = L R^T with L = P sqrt(d) W, R = Q sqrt(d) W for any orthogonal W.
    Matrix W = random_columns(n, n, source);
    orthonormalise(W);
    const auto mixed = [&](const Matrix& vectors) {
      Matrix columns(n, std::vector<double>(vectors[0].size(), 0.0));
      for (int j = 0; j < n; ++j)
        for (int i = 0; i < n; ++i)
          for (std::size_t k = 0; k < vectors[i].size(); ++k)
            columns[j][k] += std::sqrt(d[i]) * W[j][i] * vectors[i][k];
      return columns;
    };
    left = mixed(p);
    right = mixed(q);
  }

  /// The sum after the reduction with these signs.
  std::vector<double> reduced(const std::vector<double>& sigma, double tiny = 1e-12) const {
    const auto n = static_cast<int>(d.size());
    KroneckerReduction reduction(n + 2);  // made for more
    reduction.begin(n);
    Matrix q_left = left, q_right = right;
    orthonormalise(q_left);
    orthonormalise(q_right);
    std::vector<double> last;
    for (int i = 0; i < n; ++i) {
      for (int j = i; j < n; ++j) {
        reduction.left(i, j) = inner(q_left[i], left[j]);
        reduction.right(i, j) = inner(q_right[i], right[j]);
      }
      last.push_back(q_left[i].back());
    }
    reduction.reduce(last.data(), sigma.data(), tiny);
    const auto columns = [&](const Matrix& basis, const double* weights) {
      Matrix made(n - 1, std::vector<double>(basis[0].size(), 0.0));
      for (int j = 0; j < n - 1; ++j)
        for (int i = 0; i < n; ++i)
          for (std::size_t k = 0; k < basis[i].size(); ++k) made[j][k] += weights[j * n + i] * basis[i][k];
      return made;
    };
    return product_of(columns(q_left, reduction.left_weights()), columns(q_right, reduction.right_weights()),
                      std::vector<double>(n - 1, 1.0));
  }

  /// The same by the closed form.
  std::vector<double> expected(const std::vector<double>& sigma, std::size_t& mu) const {
    const std::size_t n = d.size();
    const auto tail = [&](std::size_t from) {
      double sum = 0;
      for (std::size_t i = from; i < n; ++i) sum += d[i];
      return sum;
    };
    for (mu = 0; double(n - 1 - mu) * d[mu] > tail(mu);) ++mu;
    const double S = tail(mu), k = double(n - 1 - mu);
    std::vector<double> weights, a(p[0].size(), 0.0), b(q[0].size(), 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      weights.push_back(i < mu ? d[i] : S / k);
      if (i < mu) continue;
      const double z = sigma[i] * std::sqrt(std::max(S - k * d[i], 0.0) / S);
      for (std::size_t j = 0; j < a.size(); ++j) a[j] += z * p[i][j];
      for (std::size_t j = 0; j < b.size(); ++j) b[j] += z * q[i][j];
    }
    std::vector<double> Y = product_of(p, q, weights);
    const std::vector<double> taken = product_of({a}, {b}, {S / k});
    for (std::size_t i = 0; i < Y.size(); ++i) Y[i] -= taken[i];
    return Y;
  }

  std::vector<double> d;
  Matrix p, q, left, right;
  std::vector<double> X;
};

TEST(Reduction, is_its_closed_form_its_mean_and_its_variance) {
  struct Case {
    std::vector<double> d;
    std::size_t mu;
  };
  for (const Case& c : {Case{{3, 1}, 0}, Case{{1, 1, 1}, 0}, Case{{5, 0.4, 0.3}, 1}, Case{{2, 1.9, 1.8}, 0},
                        Case{{9, 5, 1, 0.9, 0.8}, 2}, Case{{4, 3, 2, 1e-3}, 2}, Case{{1, 1e-4, 1e-8}, 1}}) {
    const Problem problem(c.d, 7);
    const auto n = static_cast<int>(c.d.size());
    std::vector<double> mean(problem.X.size(), 0.0);
    double variance = 0, S = 0, squares = 0;
    const unsigned patterns = 1u << n;
    for (unsigned pattern = 0; pattern < patterns; ++pattern) {
      std::vector<double> sigma;
      for (int i = 0; i < n; ++i) sigma.push_back((pattern >> i & 1u) != 0 ? 1.0 : -1.0);
      std::size_t mu = 0;
      const std::vector<double> found = problem.reduced(sigma), expected = problem.expected(sigma, mu);
      EXPECT_EQ(mu, c.mu);
      for (std::size_t i = 0; i < found.size(); ++i) {
        // Singular vectors are known to rounding over the gaps between singular values (1e-16 / 1e-8 times the least of
        // them here), vectors of equal values not at all; only their sum is asked for then.
        if (c.d[0] != c.d[1]) {
          ASSERT_NEAR(found[i], expected[i], 1e-13 * c.d[0]);
        }
        mean[i] += found[i] / patterns;
        variance += (found[i] - problem.X[i]) * (found[i] - problem.X[i]) / patterns;
      }
    }
    for (std::size_t i = 0; i < mean.size(); ++i) EXPECT_NEAR(mean[i], problem.X[i], 1e-14 * c.d[0]);
    for (std::size_t i = c.mu; i < c.d.size(); ++i) {
      S += c.d[i];
      squares += c.d[i] * c.d[i];
    }
    const double k = double(n) - 1 - double(c.mu);
    EXPECT_NEAR(variance, S * S / k - squares, 1e-12 * c.d[0] * c.d[0]);
  }
}

TEST(Reduction, leaves_what_is_of_lower_rank_as_it_is) {
  for (const std::vector<double>& d : {std::vector<double>{2, 1, 0}, {2, 0, 0}, {1, 1e-14}, {3, 2, 1, 1e-13}}) {
    const Problem problem(d, 8);
    const std::vector<double> found = problem.reduced(std::vector<double>(d.size(), 1.0), 1e-12);
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], problem.X[i], 1e-12);
  }
}

}  // namespace
}  // namespace chronograd::identities
