// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace chronograd {

/// How many elements `rows` rows of `width` take, and so where the next row begins. It may exceed an int.
constexpr std::size_t area(int rows, int width) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(width);
}

}  // namespace chronograd
