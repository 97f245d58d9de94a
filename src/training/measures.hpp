// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chronograd/archive.hpp"
#include "chronograd/measures.hpp"
#include "training/decisions.hpp"

namespace chronograd {

/// Sums up a test step by step, in one pass.
class MeasureTally {
 public:
  /// m outputs; `classes`: targets are one-hot.
  MeasureTally(int outputs, bool classes);
  /// Numbers; of classes the decisions say what was answered.
  template <class T>
  void add(const Seen<T>& seen, int streams);
  void add(const Decision& decision);
  /// Of other steps, which come after these.
  void add(const MeasureTally& later);
  void state(Archive& archive);
  /// NaN, and a matrix of zeros, where no step counted.
  Measures measures() const;

 private:
  template <class T>
  void add_numbers(double weight, const T* y, const T* target);

  std::size_t m_;
  bool classes_;
  double weight_ = 0;
  std::vector<double> errors_, squares_, mean_, spread_;  ///< [m] of numbers
  std::vector<double> hits_, targets_, answers_;          ///< [m] of classes
  std::vector<double> confusion_;
};

}  // namespace chronograd
