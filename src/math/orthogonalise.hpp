// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace chronograd {

/// Makes the rows of a square normal matrix [size][size] orthonormal, which gives every orthogonal matrix the same
/// chance.
void orthogonalise(std::vector<double>& a, std::size_t size);

}  // namespace chronograd
