// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace chronograd {

/// The most dimensions an array in a file may have: what NumPy 1 can hold.
constexpr std::size_t max_dimensions = 32;

/// item * shape[0] * shape[1] * ..., or nothing where that does not fit. An extent of 0 makes it 0 but hides no
/// overflow of the others: such a shape comes from a broken header.
std::optional<std::size_t> product(const std::vector<std::size_t>& shape, std::size_t item = 1);

}  // namespace chronograd
