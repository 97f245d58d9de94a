// SPDX-License-Identifier: Apache-2.0
#include "figures/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace chronograd {
namespace {

/// 97.5 % quantile of Student's t with `freedom` degrees of freedom: exact for 1 and 2, found by bisection of the
/// distribution function, which for whole degrees is a finite sum (Abramowitz and Stegun 26.7.3 and 26.7.4).
double central_probability(double t, int freedom) {
  const double angle = std::atan(t / std::sqrt(freedom)), c = std::cos(angle), s = std::sin(angle);
  double term = freedom % 2 == 1 ? c : 1, sum = freedom == 1 ? 0 : term;
  for (int k = freedom % 2 == 1 ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= c * c * (k - 1) / k;
    sum += term;
  }
  constexpr double pi = 3.141592653589793;
  return freedom % 2 == 1 ? (2 / pi) * (angle + s * sum) : s * sum;
}

double quantile(int freedom) {
  double low = 0, high = 20;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (central_probability(middle, freedom) < 0.95 ? low : high) = middle;
  }
  return high;
}

/// Turns two rows of `n` numbers so that they become orthogonal; false if they were, to the last digits.
bool made_orthogonal(double* a, double* b, std::size_t n) {
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t j = 0; j < n; ++j) {
    aa += a[j] * a[j];
    bb += b[j] * b[j];
    ab += a[j] * b[j];
  }
  if (std::fabs(ab) <= 1e-15 * std::sqrt(aa * bb)) return false;
  const double zeta = (bb - aa) / (2 * ab), t = std::copysign(1 / (std::fabs(zeta) + std::hypot(1, zeta)), zeta),
               c = 1 / std::hypot(1, t), s = c * t;
  for (std::size_t j = 0; j < n; ++j) {
    const double x = a[j], y = b[j];
    a[j] = c * x - s * y;
    b[j] = s * x + c * y;
  }
  return true;
}

}  // namespace

Estimate estimate_of(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  int count = 0;
  for (double value : values)
    if (std::isfinite(value)) {
      sum += value;
      ++count;
    }
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (count == 0) return {nan, nan, 0};
  const double mean = sum / count;
  if (count == 1) return {mean, nan, 1};
  for (double value : values)
    if (std::isfinite(value)) squares += (value - mean) * (value - mean);
  // The mean is off by up to n u mean|v|, u = eps / 2: so far from it are equal values, which have no width.
  const bool equal = std::sqrt(squares / count) <= count * std::numeric_limits<double>::epsilon() * std::fabs(mean);
  return {mean, equal ? 0 : quantile(count - 1) * std::sqrt(squares / (count - 1) / count), count};
}

double median(std::vector<double> values) {
  if (values.empty() || std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); }))
    return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::vector<double> singular_values(std::vector<double> matrix, std::size_t rows) {
  if (rows == 0) return {};
  constexpr int most_sweeps = 60;  // one-sided Jacobi converges in about ten
  const std::size_t columns = matrix.size() / rows;
  bool turned = true;
  for (int sweep = 0; turned && sweep < most_sweeps; ++sweep) {
    turned = false;
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t k = i + 1; k < rows; ++k)
        turned = made_orthogonal(&matrix[i * columns], &matrix[k * columns], columns) || turned;
  }
  std::vector<double> values(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    double square = 0;
    for (std::size_t j = 0; j < columns; ++j) square += matrix[i * columns + j] * matrix[i * columns + j];
    values[i] = std::sqrt(square);
  }
  std::sort(values.begin(), values.end(), std::greater<>());
  return values;
}

}  // namespace chronograd
