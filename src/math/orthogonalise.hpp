// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

namespace chronograd {

/// Makes the rows of a square normal matrix [size][size] orthonormal, which gives every orthogonal matrix the same
/// chance. O(size^3): `at` is told which share is done.
void orthogonalise(std::vector<double>& a, std::size_t size, const std::function<void(double)>& at = {});

}  // namespace chronograd
