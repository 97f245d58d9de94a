// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "chronograd/archive.hpp"
#include "chronograd/run_result.hpp"

namespace chronograd {

/// How a guess lies beside the true gradient.
struct Likeness {
  double cosine = 0, norm_ratio = 0, error = 0;
  bool known = false;  ///< false: the true gradient is zero or not finite
};
/// Of n numbers each.
template <class T>
Likeness likeness(std::size_t n, const T* guess, const T* truth);

/// Sums of what an interface is reported by.
class InterfaceTally {
 public:
  void waited(double seconds) { wait_ += seconds; }
  /// A gradient was used so many batches after its own.
  void used(std::int64_t lag);
  /// Of a batch: gradients of samples, and of weights.
  void compared(const Likeness& samples, const Likeness& weights);
  void add(const InterfaceTally& other);
  InterfaceReport report(int layer) const;
  void state(Archive& archive);

 private:
  double wait_ = 0, lag_ = 0;
  std::int64_t uses_ = 0, largest_ = 0, compared_ = 0;
  Likeness samples_, weights_;  ///< sums
};

}  // namespace chronograd
