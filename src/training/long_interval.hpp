// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/interrupt.hpp"
#include "chronograd/array.hpp"
#include "files/state_arrays.hpp"
#include "training/checkpoint.hpp"

namespace chronograd {

/// Update intervals that take so long that nobody wants to wait for the end of one before a run stops. A run that is
/// stopped inside of one is left as it was before it: where there are checkpoints, that state is kept until it is over.
class LongInterval {
 public:
  /// Of several processes none stops alone: with `alone` false it waits for the end of the interval.
  LongInterval(Checkpointer& checkpointer, bool alone) : checkpointer_(checkpointer), alone_(alone) {}

  /// Before an interval of so many steps. `state` visits all that the run depends on, `memory` what it computes with:
  /// numbers that are not finite are not kept, and then the interval is waited for.
  void prepare(int steps, const Checkpointer::Visit& memory, const Checkpointer::Visit& state) {
    before_.reset();
    stoppable_ = alone_ && steps >= fewest_steps && last_ >= short_while;
    if (!stoppable_ || !checkpointer_.on()) return;
    FiniteCheck check;
    memory(check);
    stoppable_ = check.finite();
    if (stoppable_) before_ = checkpointer_.taken(state);
  }

  /// Does the interval's work. False: `goes_on` said no, and the work ended where it was.
  template <class GoesOn, class Work>
  bool run(int steps, const GoesOn& goes_on, const Work& work) {
    if (steps < fewest_steps) {
      work();
      return true;
    }
    const Clock::time_point start = Clock::now();
    try {
      std::optional<Interrupt> interrupt;
      if (stoppable_) interrupt.emplace(goes_on);
      work();
    } catch (const Stopped&) {
      return false;
    }
    last_ = Clock::now() - start;
    return true;
  }

  /// After it was stopped: the state before it becomes the checkpoint after `updates` updates.
  void save(std::int64_t updates) {
    if (before_) checkpointer_.write(updates, std::move(*before_));
    before_.reset();
  }

 private:
  using Clock = std::chrono::steady_clock;
  /// A step passes over all numbers of the state at least once, so that a copy of them is as nothing beside so many.
  static constexpr int fewest_steps = 256;
  static constexpr std::chrono::milliseconds short_while{200};

  Checkpointer& checkpointer_;
  bool alone_, stoppable_ = false;
  Clock::duration last_ = Clock::duration::max();  ///< of the last interval of so many steps; at first not known
  std::optional<Arrays> before_;
};

}  // namespace chronograd
