// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace chronograd {

/// An order of n things in which those that are alike stand together: the two groups whose mean similarity is largest
/// join until there is one (average linkage), the one whose first thing comes earlier in front. `similarity` [n][n];
/// NaN: not known, which counts as 0.
std::vector<std::size_t> clustered(const std::vector<double>& similarity, std::size_t n);

}  // namespace chronograd
