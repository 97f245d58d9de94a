// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
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
  bool in_turns;         ///< intervals are rows, and no shard keeps anything from row to row: each thread has one
                         ///< stepper, which does one shard after the other
  int at_a_time;         ///< shards that may be at work at a time
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
  int threads(int available) const { return shards > 1 ? std::min(available, at_a_time) : available; }
  /// The first stream of shard s; that of `shards` is B.
  int first_stream(int s) const { return static_cast<int>(std::int64_t{batch} * s / shards); }
  int width() const { return (batch + shards - 1) / shards; }  ///< streams of the widest shard
};

/// What the segments of a thread take where nothing else is asked for: they should stay in the caches, or near them.
constexpr std::int64_t segment_bytes = 32 << 20;

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

/// What a network takes.
struct Sizes {
  std::size_t step;     ///< bytes of one step of one stream in a segment
  std::size_t weights;  ///< bytes of the weights that each step reads
};

template <class T>
Sizes sizes_of(const Network<T>& network) {
  return {network.bytes_a_step(), network.stack.parameters() * sizeof(T)};
}

/// Throws Error (usage) for what does not fit together: "trial" on an endless stream, bptt without "trial", L > K, no
/// number of updates where one is needed.
Plan make_plan(const TrainSettings& settings, const RuleSettings& rule, const Task& task, const Sizes& sizes);

/// The longest segment of a rule that runs through the rows of that plan's shards beside the rule that learns, in
/// `memory` bytes (none: as without train.memory). Throws Error (usage) like make_plan.
int segment_beside(const Plan& plan, const RuleSettings& rule, std::optional<double> memory, const Sizes& sizes);
/// Whether that rule keeps nothing from row to row either, so that it may take shards in turns where the plan does.
bool dies_with_row(const RuleSettings& rule);

}  // namespace chronograd
