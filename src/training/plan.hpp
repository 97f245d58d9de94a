// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "chronograd/task.hpp"
#include "learning/rule_settings.hpp"
#include "training/train_settings.hpp"

namespace chronograd {

/// How a run is cut up: rows into batches, rows into update intervals, intervals into segments, streams into shards.
/// All of it follows from the configuration and the task, never from the machine, so results do not depend on threads.
struct Plan {
  bool trial;            ///< an interval is the whole row
  std::int64_t length;   ///< T; 0 = endless
  int every;             ///< K, the longest interval
  int segment;           ///< the longest segment inside an interval
  int chunk;             ///< steps of data read at a time, whole intervals
  int batch;             ///< B, streams side by side
  int shards;            ///< parts of the batch that are computed apart and then summed (shard_sum.hpp)
  std::int64_t epochs;   ///< passes through all rows
  std::int64_t passes;   ///< batches of rows an epoch; 0 = endless
  std::int64_t steps;    ///< the run ends with the first update at or after this many steps; 0: with the last update
  std::int64_t updates;  ///< of the whole run; with `steps` and a curriculum, if all rows were as long as the longest
  std::int64_t rows;     ///< of an epoch; 0 = any number
  /// The final training loss is a mean over the run's last steps: an epoch; where there is no fixed number of rows, a
  /// tenth of the run in whole rows; at most 10000 steps of each stream. It depends on the amount of data alone, never
  /// on reports, and on updates only where a curriculum leaves the amount open.
  std::int64_t last_from;         ///< the step that they begin with; -1: not known before the run
  std::int64_t last_from_update;  ///< the update that they begin with where `last_from` is -1
  int inputs, outputs;
  bool shuffle;  ///< rows in a new order in every epoch

  /// Of `available` threads those that help: one a shard, or all of them for the rule of a single shard.
  int threads(int available) const { return shards > 1 ? std::min(available, shards) : available; }
};

/// A number by its name.
struct PlanNumber {
  const char* name;
  std::int64_t value;
};

/// All that must agree if a run is to go on from where another one stopped: the plan and the sizes of the network.
std::vector<PlanNumber> numbers_of(const Plan& plan, std::size_t parameters, std::size_t absent_weights);

/// Steps of a segment that stays near the caches, for rules that take any. `bytes_a_step`: what one step of its streams
/// takes.
std::int64_t longest_segment(std::size_t bytes_a_step);

/// The longest segment inside an interval of `every` steps. Throws Error (usage) for a window L that is longer than the
/// interval.
/// `most`: how long a segment may be for rules that take any.
int segment_length(const RuleSettings& rule, int every, std::int64_t most);

/// Throws Error (usage) for what does not fit together: "trial" on an endless stream, bptt without "trial", L > K, no
/// number of updates where one is needed. `bytes_a_step`: what one step of one stream takes in a segment.
Plan make_plan(const TrainSettings& settings, const RuleSettings& rule, const Task& task, std::size_t bytes_a_step);

}  // namespace chronograd
