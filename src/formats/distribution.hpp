// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <span>

namespace chronograd {

/// How far from 1 the sum of `m` probabilities may be that were computed and stored in float32 (unit roundoff
/// u = 2^-24): the sum that they were divided by is off by at most (m - 1) u, each quotient by u, each number stored by
/// u. Wider types are held to the same, as they often hold what float32 computed.
inline double distribution_tolerance(std::size_t m) {
  return static_cast<double>(m + 1) * 0x1p-24;
}

inline double sum_of(std::span<const double> target) {
  double sum = 0;
  for (const double value : target) sum += value;
  return sum;
}

/// Whether numbers >= 0 are a distribution.
inline bool is_distribution(std::span<const double> target) {
  return std::fabs(sum_of(target) - 1) <= distribution_tolerance(target.size());
}

}  // namespace chronograd
