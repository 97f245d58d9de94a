// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/config.hpp"

namespace chronograd {

/// [regularise], read once: a cost of how far the rates of units are from a target. Every unit of every layer has one,
/// c/2 (r - target)^2, where its rate r is an average of its h.
struct RateSettings {
  enum class Average {
    trial,     ///< over the steps of a row, of one stream
    batch,     ///< over the steps of all streams' rows
    running,   ///< a low-pass filter of h; credit is on h of the step alone
    filtered,  ///< the same filter, of which each step's value is charged
  };

  RateSettings() = default;  ///< no cost
  /// Throws Error (usage) for settings that do not fit together.
  explicit RateSettings(const Config& config);

  double cost = 0;  ///< c
  double target = 0;
  Average average = Average::trial;
  double decay = 0;  ///< of the low-pass filter, a step: r' = decay r + (1 - decay) h'

  bool on() const { return cost > 0; }
  /// A rate is known when a row has ended.
  bool by_row() const { return on() && (average == Average::trial || average == Average::batch); }
  bool is(Average one) const { return on() && average == one; }
};

}  // namespace chronograd
