// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "chronograd/data.hpp"

namespace chronograd {

/// Numbers of rows, [B][T][width], where they lie: in arrays of a file or of the caller's, or in a copy.
class RowNumbers {
 public:
  RowNumbers() = default;
  /// `view` has three axes; `owner` keeps its memory alive (null: the caller does).
  RowNumbers(ArrayView view, std::shared_ptr<const void> owner) : view_(std::move(view)), owner_(std::move(owner)) {}
  /// A copy of its own, [B][T][width].
  RowNumbers(std::vector<double> values, std::vector<std::size_t> shape);

  std::size_t width() const { return view_.shape.empty() ? 0 : view_.shape[2]; }
  /// Copies steps [t, t + steps) of row b to out [steps][width].
  void read(std::size_t b, std::size_t t, std::size_t steps, double* out) const;

 private:
  ArrayView view_;
  std::shared_ptr<const void> owner_;
};

}  // namespace chronograd
