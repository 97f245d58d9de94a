// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "base/crew.hpp"
#include "training/run_progress.hpp"

namespace chronograd {

/// Counts the time that a run trains: reports, tests and checkpoints left out.
class TrainingClock {
 public:
  TrainingClock(Crew& crew, RunProgress& progress) : crew_(crew), progress_(progress) {}
  void start() {
    wall_ = Clock::now();
    cpu_ = thread_cpu_seconds() + crew_.cpu_seconds();
  }
  /// The time since `start` was training.
  void stop() {
    progress_.seconds += std::chrono::duration<double>(Clock::now() - wall_).count();
    progress_.cpu_seconds += thread_cpu_seconds() + crew_.cpu_seconds() - cpu_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Crew& crew_;
  RunProgress& progress_;
  Clock::time_point wall_;
  double cpu_ = 0;
};

}  // namespace chronograd
