// SPDX-License-Identifier: Apache-2.0
// Which regressors of a block are mostly zero: h and what else a layer reads are asked apart, for a layer that spikes
// may read numbers that are all there.
#pragma once

#include <algorithm>

#include "chronograd/cell.hpp"
#include "math/events.hpp"

namespace chronograd {

/// Columns [0, h) of a block read h, the others inputs and what is constant.
struct RegressorParts {
  int h, others;
  bool few_h, few_others;  ///< few of them differ from zero; true where there are none

  bool dense() const { return (h == 0 || !few_h) && (others == 0 || !few_others); }
  /// Calls part(first column, columns, by events) for each, what is not done by events first.
  template <class Call>
  void each(const Call& part) const {
    for (const bool events : {false, true}) {
      if (h > 0 && few_h == events) part(0, h, events);
      if (others > 0 && few_others == events) part(h, others, events);
    }
  }
};

/// `z` points to the block's first regressor in the first of so many rows. Cells whose units do not reset themselves
/// are not asked: their h is zero by chance, at a row's first step for instance, and their sums stay what they were.
template <class T>
RegressorParts regressor_parts(const Cell<T>& cell, const Block& block, int rows, const T* z, int ld) {
  const int h = std::clamp(cell.shown_width() - block.col, 0, block.cols), others = block.cols - h;
  if (!cell.record().self) return {h, others, false, false};
  return {h, others, few_differ_from_zero(rows, h, z, ld), few_differ_from_zero(rows, others, z + h, ld)};
}

}  // namespace chronograd
