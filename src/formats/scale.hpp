// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "formats/series_task.hpp"

namespace chronograd {

/// Mean and standard deviation of each column, to standardise it by.
struct Scale {
  std::vector<double> mean, deviation;

  /// Of the numbers [lines][columns.size()] in those stretches of lines; NaN is passed over. The deviation of a column
  /// that is constant up to rounding, or empty, is 1: such a column is only shifted. Throws Error (data), with `where`
  /// and the column's name, where numbers are so large that their sums overflow.
  static Scale of(const std::vector<double>& values, const std::vector<std::string>& columns,
                  const std::vector<Stretch>& lines, const std::string& where);

  /// (value - mean) / deviation.
  void apply(std::vector<double>& values) const;
};

}  // namespace chronograd
