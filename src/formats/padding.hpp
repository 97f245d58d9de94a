// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chronograd {

/// For each of the `steps` steps of one row 1 where no loss follows before the row ends or is reset (null: never), else
/// 0: Steps::padding.
inline std::vector<std::uint8_t> padding_of(const double* mask, const std::uint8_t* reset, std::size_t steps) {
  std::vector<std::uint8_t> padding(steps);
  bool counts = false;  // some step between t and the end of its sequence does
  for (std::size_t t = steps; t-- > 0;) {
    counts = counts || mask[t] != 0;
    padding[t] = counts ? 0 : 1;
    if (reset != nullptr && reset[t] != 0) counts = false;
  }
  return padding;
}

}  // namespace chronograd
