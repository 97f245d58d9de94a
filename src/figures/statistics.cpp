// SPDX-License-Identifier: Apache-2.0
#include "figures/statistics.hpp"

#include <algorithm>
#include <cmath>
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

}  // namespace chronograd
