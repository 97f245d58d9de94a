// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "chronograd/archive.hpp"
#include "chronograd/catalogue.hpp"
#include "chronograd/export.hpp"

namespace chronograd {

/// Weights that lie in theta column by column: theta[begin + i + rows * j], for 0 <= i < rows and 0 <= j < cols, are
/// those into unit row + i, which counts pre-activations of all layers.
struct RowBlock {
  std::size_t begin;
  int rows, cols, row;
};

/// Changes parameters by their gradient. `n` parameters are moved by one call; the gradient is set to zero in the same
/// pass, ready for the next interval.
template <class T>
class CHRONOGRAD_API Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// Before the first step: which parameters are the weights of a unit, without gaps from the first parameter on. Those
  /// after them are the readout's. Who is never told takes all for the readout's.
  virtual void know(std::span<const RowBlock> /*units*/) {}
  /// theta (n), grad (n); `lr` is the rate that the schedule gives for this update.
  virtual void step(double lr, std::span<T> theta, std::span<T> grad) = 0;
  /// Visits everything that must be kept for the next call.
  virtual void state(Archive& archive) = 0;
};

struct CHRONOGRAD_API OptimizerRecord {
  Entry entry;
  std::unique_ptr<Optimizer<float>> (*make_float)(const OptimizerRecord&, const Options&, std::size_t n);
  std::unique_ptr<Optimizer<double>> (*make_double)(const OptimizerRecord&, const Options&, std::size_t n);
};

template <>
CHRONOGRAD_API std::span<const OptimizerRecord* const> catalogue<OptimizerRecord>();

/// The rate at update `k` (from 0): the shape that `schedule` names, times min(1, (k + 1) / warmup) where `warmup` is
/// given. constant: lr; exponential: lr decay^k; inverse_sqrt: lr sqrt(H / (H + k)), not below lr_final, with H the
/// option `horizon`; cosine: from lr at k = 0 along half a cosine to lr_final at k = H and
/// from then on, with H the option `horizon`, or where that is 0 `run_length`, the number of updates of the run.
/// Throws Error (usage) for a cosine or an inverse_sqrt whose H is 0.
CHRONOGRAD_API double scheduled_rate(const Options& optimizer, std::int64_t k, std::int64_t run_length);

}  // namespace chronograd
