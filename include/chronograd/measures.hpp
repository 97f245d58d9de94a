// SPDX-License-Identifier: Apache-2.0
// What a test says beside its loss: errors of numbers, mistakes between classes. Defined in docs/run-directory.md.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "chronograd/export.hpp"

namespace chronograd {

/// Each step counts with the weight of its mask. NaN: not measured.
struct Measures {
  /// Of targets that are numbers, one for each output: mean |y - y*|, and the share 1 - sum (y - y*)^2 / sum (y* - mean
  /// y*)^2 of the target's variance; NaN where the target is constant.
  std::vector<double> mae, r2;
  /// Of targets that are classes: the mean over the classes that are targets or answers of F1 = 2 hits / (targets +
  /// answers).
  double macro_f1 = std::numeric_limits<double>::quiet_NaN();
  std::size_t classes = 0;  ///< m; 0: targets are numbers
  /// [m][m] weight of the steps with the target `row` and the answer `column`; empty above most_confused classes.
  std::vector<double> confusion;
  static constexpr std::size_t most_confused = 100;

  bool empty() const { return mae.empty() && classes == 0; }
};

/// The mean of those that are numbers; NaN if none is.
CHRONOGRAD_API double mean_measure(const std::vector<double>& values);

}  // namespace chronograd
