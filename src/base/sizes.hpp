// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace chronograd {

/// a b, as a size or a place in an array: row a of rows that are b wide. Products of sizes may exceed an int.
constexpr std::size_t at(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

}  // namespace chronograd
