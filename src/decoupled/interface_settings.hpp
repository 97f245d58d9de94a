// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "chronograd/config.hpp"
#include "chronograd/interface.hpp"

namespace chronograd {

/// [interface], read once: what every worker does between its group of layers and the next.
struct InterfaceSettings {
  /// Throws Error (usage) for settings that the interface does not take.
  explicit InterfaceSettings(const Config& config);

  /// Batch t is learnt from when its gradient has come from above, and from nothing else.
  bool waits_for(std::int64_t t) const {
    return record.listens && (!record.guesses || t < warmup || (true_every > 0 && t % true_every == 0));
  }
  /// What is sent down of a batch with a guess needs the gradient from above.
  bool mixes() const { return lambda > 0; }

  const InterfaceRecord& record;
  const Options& options;
  std::int64_t lag;  ///< S: batches that go forward before the gradient of the first of them is used
  bool arrival;      ///< gradients are used as they come, within the lag
  std::int64_t true_every, warmup;
  double update_probability;
  bool fallback;  ///< a worker whose guesses are bad for long waits for what comes from above
  bool unlocked;  ///< workers guess their inputs
  double lambda = 0, correct = 0, beta = 1;  ///< of the entries that have them
};

}  // namespace chronograd
