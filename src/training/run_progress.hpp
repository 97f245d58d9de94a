// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/archive.hpp"
#include "chronograd/run_result.hpp"
#include "training/score.hpp"

namespace chronograd {

/// Where a run is and what it has counted so far: with weights, optimiser and rules all that its rest depends on.
struct RunProgress {
  // The cursor in the data: the next update interval begins `from` steps after step t, where a chunk begins.
  std::int64_t epoch = 0, pass = 0, t = 0, from = 0;
  std::int64_t passes_done = 0;
  std::int64_t steps = 0;         ///< done, of a stream
  std::int64_t stream_steps = 0;  ///< done, of all streams that were there
  std::int64_t reports = 0;       ///< lines of metrics
  std::int64_t level = 0;         ///< of the task's curriculum; 0 = it has none
  double seconds = 0;             ///< of training
  double cpu_seconds = 0;         ///< that all threads of the run worked in this time
  Tally tally;                    ///< since the last report
  Tally row_tally;                ///< since the batch's rows began
  Tally last;                     ///< of the plan's last steps
  Score train;                    ///< of the last report in which a step counted
  Counted counted;                ///< what the tallies count

  /// `last_ones`: those of them that are among the plan's last steps.
  void count(const Tally& more, const Tally& last_ones) {
    tally.add(more);
    row_tally.add(more);
    last.add(last_ones);
  }
  void tell(Metrics& metrics) const {
    metrics.steps = steps;
    metrics.rate_cost = tally.rate_cost();
    metrics.firing_rate = tally.firing_rate();
    metrics.seconds = seconds;
    metrics.level = level;
  }
  void tell(RunResult& result) const {
    result.level = level;
    result.steps = steps;
    result.stream_steps = stream_steps;
    result.seconds = seconds;
    result.cpu_seconds = cpu_seconds;
  }
  void state(Archive& archive) {
    archive.number("epoch", epoch);
    archive.number("pass", pass);
    archive.number("t", t);
    archive.number("from", from);
    archive.number("passes_done", passes_done);
    archive.number("steps", steps);
    archive.number("stream_steps", stream_steps);
    archive.number("reports", reports);
    archive.number("level", level);
    archive.array("seconds", {&seconds, 1});
    archive.array("cpu_seconds", {&cpu_seconds, 1});
    tally.state(archive, "tally", counted);
    row_tally.state(archive, "row_tally", counted);
    last.state(archive, "last", counted);
    archive.array("train/loss", {&train.loss, 1});
    archive.array("train/accuracy", {&train.accuracy, 1});
    archive.array("train/objective", {&train.objective, 1});
    archive.number("train/steps", train.steps);
  }
};

}  // namespace chronograd
