// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

namespace chronograd {

/// Steps over which a matrix of influence is best taken at once where weights change at every step; 1: it does not pay.
/// `work`: multiply-adds that take it over one step. With blocks of R steps a step costs work/R of them, in large
/// products, and R/2 (pulls and outer products) times the number of weights, read from as many copies of them, which
/// takes about four times as long for each. It depends on sizes alone, never on the machine: bits do not either.
inline int best_block(double work, double parameters) {
  constexpr int shortest = 4, longest = 128;
  const int best = static_cast<int>(std::sqrt(work / (4 * parameters)));
  return best < shortest ? 1 : std::min(best, longest);
}

}  // namespace chronograd
