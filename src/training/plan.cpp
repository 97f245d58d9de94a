// SPDX-License-Identifier: Apache-2.0
#include "training/plan.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t shortest_segment = 64;  // steps; less wastes the products over time
constexpr std::int64_t streams_a_shard = 32;   // wide enough for full speed
constexpr std::int64_t most_shards = 64;
constexpr std::int64_t most_row_bytes = 4 * segment_bytes;  // of a shard whose rows are segments; more is cut up
constexpr std::int64_t weights_a_stream = 32 << 10;  // bytes: a step reads weights once for all streams of a shard,
constexpr std::int64_t fewest_streams = 4;           // so that wide networks want more of them, and none fewer
constexpr std::int64_t chunk_numbers = 4096;         // stream steps read at a time on endless streams
constexpr std::int64_t most_last_steps = 10000;      // of a stream; more would not make the final loss a better mean

/// a b, or the largest number there is.
std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? std::numeric_limits<std::int64_t>::max() : result;
}

/// a / b, rounded up; a >= 0, b > 0.
std::int64_t rounded_up(std::int64_t a, std::int64_t b) {
  return a / b + (a % b != 0);
}

/// Time steps of a stream until the end of the run; -1 where a curriculum decides it.
std::int64_t planned_steps(const Plan& plan, std::int64_t interval, std::int64_t intervals, const Task& task) {
  if (task.curriculum() != nullptr) return plan.steps > 0 ? plan.steps : -1;
  if (plan.passes > 0 && plan.epochs < std::numeric_limits<std::int64_t>::max())
    return product(plan.epochs, plan.passes * plan.length);
  if (plan.length == 0) return product(plan.updates, interval);
  return product(plan.updates / intervals, plan.length) + std::min(plan.length, plan.updates % intervals * interval);
}

void choose_last_steps(Plan& plan, std::int64_t interval, std::int64_t intervals, const Task& task) {
  const std::int64_t planned = planned_steps(plan, interval, intervals, task);
  plan.last_from = -1;
  plan.last_from_update = plan.updates - rounded_up(plan.updates, 10);
  if (planned < 0) return;
  const std::int64_t tenth = rounded_up(planned, 10);
  std::int64_t steps = tenth;
  if (plan.rows > 0)
    steps = plan.passes * plan.length;
  else if (plan.length > 0 && task.curriculum() == nullptr)
    steps = product(rounded_up(tenth, plan.length), plan.length);
  plan.last_from = planned - std::min({steps, planned, most_last_steps});
}

}  // namespace

std::int64_t longest_segment(std::size_t bytes_a_step) {
  return std::max(shortest_segment, segment_bytes / std::max<std::int64_t>(1, static_cast<std::int64_t>(bytes_a_step)));
}

bool dies_with_row(const RuleSettings& rule) {
  if (rule.whiten > 0) return false;  // its moments outlive a row
  return rule.record.at_once && !(rule.options.has("reach") && rule.options.integer("reach") > 0);  // reach keeps steps
}

int segment_length(const RuleSettings& rule, int every, std::int64_t most) {
  switch (rule.segments()) {
    case Segments::row:
      return every;
    case Segments::interval: {
      if (!rule.options.has("L")) return every;
      const std::int64_t window = rule.options.integer("L");
      if (window > every)
        throw Error(Exit::usage, "rule.L",
                    "got " + std::to_string(window) + ", allowed is 1 ... " + std::to_string(every) +
                        " = the update interval (or the row).");
      return static_cast<int>(window);
    }
    default:
      break;
  }
  return static_cast<int>(std::min<std::int64_t>(every, most));
}

namespace {

/// The longest segment of `streams` streams that fits into `memory` bytes, `bytes_a_step` each; at least 1.
std::int64_t fitting_segment(double memory, std::int64_t streams, std::size_t bytes_a_step) {
  const double steps = memory / (static_cast<double>(bytes_a_step) * static_cast<double>(streams));
  return static_cast<std::int64_t>(std::clamp(steps, 1.0, 1e9));
}

/// Shards of which each has the rows of its streams for one segment, in `memory` bytes or else about 32 MiB; 0: rows
/// are too long for that.
std::int64_t shards_of_rows(const Plan& plan, std::int64_t usual, bool whole_row_rule, std::optional<double> memory,
                            const Sizes& sizes) {
  const double row = static_cast<double>(sizes.step) * plan.every, budget = memory.value_or(segment_bytes);
  if (row * static_cast<double>(rounded_up(plan.batch, usual)) <= budget) return usual;
  const std::int64_t fewest =
      memory ? 1
             : std::clamp<std::int64_t>(static_cast<std::int64_t>(sizes.weights) / weights_a_stream, fewest_streams,
                                        streams_a_shard);
  const std::int64_t width = std::max(fewest, static_cast<std::int64_t>(std::min(budget / row, 1e9)));
  const std::int64_t most = memory ? plan.batch : most_shards;
  const std::int64_t shards = std::max(usual, std::min(most, rounded_up(plan.batch, width)));
  const double needed = row * static_cast<double>(rounded_up(plan.batch, shards));
  return whole_row_rule || needed <= memory.value_or(most_row_bytes) ? shards : 0;
}

/// `width` streams at once.
void require_memory(double memory, int segment, int width, const RuleRecord& rule, std::size_t bytes_a_step) {
  const double needed = static_cast<double>(bytes_a_step) * segment * width;
  if (needed <= memory) return;
  const auto mebibytes = [](double bytes) { return std::to_string(bytes / (1 << 20)); };
  throw Error(Exit::usage, "train.memory",
              "got " + mebibytes(memory) + " MiB, but the rule " + rule.entry.name + " looks at " +
                  std::to_string(segment) + (segment == 1 ? " step" : " steps") + " of " + std::to_string(width) +
                  " streams at once, allowed is " + mebibytes(needed) +
                  " MiB or more. Fewer streams (train.batch) take less, and so does a rule that takes a row in parts.");
}

/// Streams into shards, intervals into segments.
void cut(Plan& plan, const RuleSettings& with, std::optional<double> memory, const Sizes& sizes) {
  const RuleRecord& rule = with.record;
  const std::int64_t usual =
      with.one_shard() ? 1 : std::clamp<std::int64_t>(plan.batch / streams_a_shard, 1, most_shards);
  std::int64_t shards = 0;
  if (plan.trial && dies_with_row(with))
    shards = shards_of_rows(plan, usual, rule.segments == Segments::row, memory, sizes);
  plan.in_turns = shards > 1;
  plan.shards = static_cast<int>(shards > 0 ? shards : usual);
  plan.at_a_time = plan.shards;
  if (shards > 0)
    plan.segment = plan.every;
  else
    plan.segment = segment_length(
        with, plan.every,
        memory ? fitting_segment(*memory, plan.batch, sizes.step)
               : longest_segment(sizes.step * static_cast<std::size_t>(rounded_up(plan.batch, plan.shards))));
  if (!memory) return;
  require_memory(*memory, plan.segment, plan.in_turns ? plan.width() : plan.batch, rule, sizes.step);
  if (plan.in_turns) {
    const double shard = static_cast<double>(sizes.step) * plan.segment * plan.width();
    plan.at_a_time = static_cast<int>(std::min<double>(plan.shards, *memory / shard));
  }
}

}  // namespace

int segment_beside(const Plan& plan, const RuleSettings& rule, std::optional<double> memory, const Sizes& sizes) {
  const bool dies = plan.trial && dies_with_row(rule);
  const int streams = dies && plan.in_turns ? plan.width() : plan.batch;
  const double rows = static_cast<double>(sizes.step) * plan.every;
  int segment = plan.every;
  if (!dies || rows * streams > most_row_bytes || (memory && rows * streams > *memory))
    segment = segment_length(rule, plan.every,
                             memory ? fitting_segment(*memory, plan.batch, sizes.step)
                                    : longest_segment(sizes.step * static_cast<std::size_t>(plan.width())));
  if (memory) require_memory(*memory, segment, streams, rule.record, sizes.step);
  return segment;
}

Plan make_plan(const TrainSettings& settings, const RuleSettings& with, const Task& task, const Sizes& sizes) {
  const RuleRecord& rule = with.record;
  const std::int64_t every = settings.every, rows = task.rows(Split::train);
  Plan plan{};
  plan.trial = every == 0;
  plan.length = task.length(Split::train);
  if (plan.length == 0 && rule.segments == Segments::row)
    throw Error(Exit::usage, "update.every",
                std::string("got an endless stream with the rule ") + rule.entry.name +
                    ", which goes back from the end of a row, allowed are tasks with rows. tbptt takes any stream.");
  if (plan.length == 0 && plan.trial)
    throw Error(Exit::usage, "update.every",
                "got \"trial\" on an endless stream, allowed is a number of steps. Give update.every=1, for instance.");
  if (rule.segments == Segments::row && !plan.trial)
    throw Error(Exit::usage, "update.every",
                "got " + std::to_string(every) + " with the rule " + rule.entry.name +
                    ", which goes back from the end of a row, allowed is \"trial\". tbptt takes any interval.");
  const std::int64_t longest = std::numeric_limits<int>::max() / 2;
  std::int64_t interval = plan.trial ? plan.length : every;
  if (plan.length > 0) interval = std::min(interval, plan.length);
  if (interval > longest)
    throw Error(Exit::usage, "update.every",
                "got " + std::to_string(interval) + " steps, allowed is at most " + std::to_string(longest) + ".");
  plan.every = static_cast<int>(interval);

  std::int64_t batch = settings.batch.value_or(settings.of_files && rows > 0 ? rows : 1);
  if (rows > 0) batch = std::min(batch, rows);
  plan.batch = static_cast<int>(batch);
  cut(plan, with, settings.memory, sizes);
  plan.chunk = static_cast<int>(
      plan.every * std::max<std::int64_t>(1, chunk_numbers / std::max<std::int64_t>(1, plan.every * batch)));
  if (plan.length > 0) plan.chunk = static_cast<int>(std::min<std::int64_t>(plan.chunk, plan.length));

  const bool counted = settings.updates || settings.steps;
  const std::int64_t intervals = plan.length > 0 ? (plan.length + interval - 1) / interval : 0;
  plan.passes = plan.length == 0 ? 0 : (rows > 0 ? (rows + batch - 1) / batch : 1);
  plan.epochs = counted ? std::numeric_limits<std::int64_t>::max() : settings.epochs;
  if (settings.steps) {
    plan.steps = *settings.steps;
    const std::int64_t whole = plan.length > 0 ? plan.steps / plan.length : 0, rest = plan.steps - whole * plan.length;
    plan.updates = whole * intervals + rounded_up(rest, interval);
  } else if (settings.updates)
    plan.updates = *settings.updates;
  else if (plan.length > 0 && rows > 0)
    plan.updates = product(plan.epochs, plan.passes * intervals);
  else
    throw Error(Exit::usage, "train.updates",
                "no number of updates, and the task never ends. Give train.updates=10000, for instance.");
  plan.rows = rows;
  choose_last_steps(plan, interval, intervals, task);
  plan.inputs = task.inputs();
  plan.outputs = task.outputs();
  plan.shuffle = settings.shuffle;
  return plan;
}

std::vector<PlanNumber> numbers_of(const Plan& plan, std::size_t parameters, std::size_t absent_weights) {
  std::vector<PlanNumber> numbers = {{"rows", plan.rows},
                                     {"length", plan.length},
                                     {"inputs", plan.inputs},
                                     {"outputs", plan.outputs},
                                     {"every", plan.every},
                                     {"segment", plan.segment},
                                     {"chunk", plan.chunk},
                                     {"batch", plan.batch},
                                     {"shards", plan.shards},
                                     {"updates", plan.updates},
                                     {"shuffle", plan.shuffle},
                                     {"parameters", static_cast<std::int64_t>(parameters)},
                                     {"absent weights", static_cast<std::int64_t>(absent_weights)}};
  if (plan.in_turns) numbers.push_back({"way to do shards", 1});  // in turns: their states are in no checkpoint
  return numbers;
}

}  // namespace chronograd
