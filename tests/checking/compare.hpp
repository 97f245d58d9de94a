// SPDX-License-Identifier: Apache-2.0
// Comparison of arrays as the tolerances of the project define it: max|a - b| / max|b|.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "checking/oracle.hpp"

namespace chronograd::checking {

/// max|a - b|; NaN if one of the differences is.
inline double largest_difference(const Vector& a, const Vector& b) {
  double most = 0;
  for (std::size_t k = 0; k < b.size(); ++k) {
    const double difference = std::abs(a[k] - b[k]);
    if (!(difference <= most)) most = difference;
    if (std::isnan(most)) break;
  }
  return most;
}

inline double largest_magnitude(const Vector& b) {
  double most = 0;
  for (const double v : b) most = std::max(most, std::abs(v));
  return most;
}

/// Success if the arrays agree to `tolerance` relative to the largest element of b, or to 1e-12 absolutely.
inline testing::AssertionResult close(const Vector& a, const Vector& b, double tolerance) {
  if (a.size() != b.size()) return testing::AssertionFailure() << a.size() << " numbers against " << b.size();
  const double difference = largest_difference(a, b), scale = largest_magnitude(b);
  if (difference <= std::max(tolerance * scale, 1e-12)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "differ by " << difference << ", largest element is " << scale;
}

/// The same for every array of b.
inline testing::AssertionResult close(const Named& a, const Named& b, double tolerance) {
  for (const auto& [name, values] : b) {
    if (a.count(name) == 0) return testing::AssertionFailure() << name << " is missing";
    if (const auto result = close(a.at(name), values, tolerance); !result)
      return testing::AssertionFailure() << name << ": " << result.message();
  }
  return testing::AssertionSuccess();
}

}  // namespace chronograd::checking
