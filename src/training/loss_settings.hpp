// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/loss.hpp"

namespace chronograd {

/// [loss], read once.
struct LossSettings {
  explicit LossSettings(const Config& config);

  const LossRecord& record;
  enum class Normalise { by_default, mean, sum } normalise = Normalise::by_default;
  enum class Weights { none, listed, balanced } weights = Weights::none;
  std::vector<double> listed;  ///< factors of classes

  /// True if losses are divided, see `normalize`; `otherwise` where the configuration does not say it.
  bool mean(bool otherwise) const {
    return normalise == Normalise::by_default ? otherwise : normalise == Normalise::mean;
  }
};

}  // namespace chronograd
