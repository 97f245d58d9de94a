// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

namespace chronograd {

/// Steps over which a matrix of influence is best taken at once where weights change at every step; 1: it does not pay.
/// `work`: multiply-adds that take it over one step. With blocks of R steps a step costs work/R of them, in large
/// products, and R/2 (pulls and outer products) times the number of weights, read from as many copies of them, which
/// takes about four times as long for each. With `spread` three times as many steps wait: 1.5 R on average. It depends
/// on sizes alone, never on the machine: bits do not either.
inline int best_block(double work, double parameters, bool spread = false) {
  constexpr int shortest = 4, longest = 128;
  const int best = static_cast<int>(std::sqrt(work / ((spread ? 12 : 4) * parameters)));
  return best < shortest ? 1 : std::min(best, longest);
}

/// Steps over which the influence of sparse weights is taken at once, `asked` of them or, for 0, as many as are best;
/// 1: step by step. `every`: steps of an update interval, 0 for whole rows; the net has `width` states and `rows`
/// pre-activations, and a unit reads `fan_in` others on average. Step by step an entry of the influence takes about
/// fan_in multiply-adds a step. In blocks it takes a few, in products that run faster; but credit goes back through the
/// steps that wait once an interval, in short sums, and rows times width numbers are kept of each step.
inline int sparse_block(int asked, int every, double width, double rows, double fan_in) {
  constexpr int shortest = 4, longest = 256, long_interval = 4;
  constexpr double most_numbers = 1 << 24;
  const bool seldom = every == 0 || every >= long_interval;
  const double worth = every == 0 ? 4 : 4 + 8.0 / every;
  const int best = asked > 0 ? asked : fan_in < worth ? 1 : best_block(width * width, seldom ? 1 : 4);
  if (best == 1) return 1;
  const int most = std::max(asked, static_cast<int>(most_numbers / (rows * width))),
            block = std::min(most, std::max(best, std::min(every, longest)));
  return asked == 0 && block < shortest ? 1 : block;
}

}  // namespace chronograd
