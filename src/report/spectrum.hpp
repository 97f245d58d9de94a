// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <complex>
#include <cstddef>
#include <vector>

namespace chronograd {

/// Eigenvalues of a square matrix in C order, by falling size. Empty where an element is not finite or the iteration
/// does not converge.
std::vector<std::complex<double>> eigenvalues(const std::vector<double>& matrix, std::size_t n);

/// The two directions along which points vary most.
struct PrincipalComponents {
  std::vector<double> first, second;         ///< coordinates of each point
  double first_share = 0, second_share = 0;  ///< of the variance
};
/// Of `count` points of `size` numbers, one after the other. The sign of a direction is that its largest entry is
/// positive. Empty for fewer than two points, and where a number is not finite.
PrincipalComponents principal_components(const std::vector<double>& points, std::size_t count, std::size_t size);

}  // namespace chronograd
