// SPDX-License-Identifier: Apache-2.0
// How long work is stopped in its middle: whoever may be stopped there makes an Interrupt, and what takes long looks
// for one now and then, at a place that all of it passes.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <thread>

#include "chronograd/look_for_stop.hpp"

namespace chronograd {

/// While it lives, the thread that made it and the crews that work for that thread may be stopped wherever they look.
class Interrupt {
 public:
  /// `goes_on` is asked by the thread that made this, about ten times a second; it must not wait for other threads. It
  /// says no by false, or by what it throws.
  explicit Interrupt(std::function<bool()> goes_on);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// While it lives, the calling thread works for `interrupt` (null: for none).
  class Here {
   public:
    explicit Here(Interrupt* interrupt);
    ~Here();
    Here(const Here&) = delete;
    Here& operator=(const Here&) = delete;

   private:
    Interrupt* before_;
  };
  /// The one that the calling thread works for; null: none.
  static Interrupt* here();
  /// Is there any, in any thread? Costs a load.
  static bool any() { return alive_.load(std::memory_order_relaxed) != 0; }

  /// If the work is to stop: throws Stopped, or what `goes_on` threw, whenever it is called and in each thread.
  void look();

 private:
  using Clock = std::chrono::steady_clock;
  static std::atomic<int> alive_;

  std::function<bool()> goes_on_;
  std::thread::id asks_;
  std::atomic<bool> stopped_ = false;
  std::exception_ptr why_;            ///< written before stopped_ is
  Clock::time_point looked_, asked_;  ///< of the thread that asks, as is the next one
  int left_ = 1;                      ///< looks until the next one at the clock
  Here here_;
};

/// look_for_stop() where a step of the smallest network would notice a call.
inline void look_for_stop_in_step() {
  if (Interrupt::any()) look_for_stop();
}

}  // namespace chronograd
