// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "chronograd/task.hpp"
#include "training/plan.hpp"
#include "training/train_settings.hpp"

namespace chronograd {

/// How the run of a net is cut up: samples into batches, batches into stretches between drain points. A sample is a
/// step of a row. It follows from configuration and task alone.
struct NetPlan {
  /// Throws Error (usage) for what a net cannot be trained on or with.
  NetPlan(const TrainSettings& settings, const Config& config, const Task& task);

  /// The first drain point after batch number `done`: there all gradients have been used, so reports, tests and
  /// checkpoints are possible. With a lag above 0 where they lie is part of the result.
  std::int64_t next_drain(std::int64_t done) const;

  std::int64_t samples;                                                ///< of an epoch; 0: any number
  int batch;                                                           ///< B; the last batch of an epoch may be shorter
  std::int64_t batches;                                                ///< an epoch; 0: any number
  std::int64_t updates;                                                ///< batches of the run
  std::int64_t report_every, test_every, validate_every, drain_every;  ///< batches; 0: not by itself
  std::int64_t last_from;  ///< the final training loss is that of this batch and the later ones
  bool shuffle;
};

/// What must agree if a run is to go on from a checkpoint.
std::vector<PlanNumber> numbers_of(const NetPlan& plan, const Task& task, std::size_t parameters, int groups);

}  // namespace chronograd
