// SPDX-License-Identifier: Apache-2.0
#include "decoupled/net_plan.hpp"

#include <algorithm>
#include <string>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t usual_batch = 64, most_batch = 1 << 20;
constexpr std::int64_t reports_wanted = 100, long_stretch = 200, fewest_reports = 10;

/// The next multiple of `every` after `done`; `last` where that is 0 or later.
std::int64_t next_multiple(std::int64_t done, std::int64_t every, std::int64_t last) {
  return every > 0 ? std::min(last, (done / every + 1) * every) : last;
}

void refuse(const char* key, const char* got) {
  throw Error(Exit::usage, key, std::string("got ") + got + " for a net ([net]), allowed is none there: leave it out.");
}

void require_fitting(const TrainSettings& settings, const Task& task) {
  if (task.curriculum() != nullptr)
    throw Error(Exit::usage, "task.name",
                "got a task whose rows grow longer as a run goes on, allowed for a net ([net]) are tasks with rows of "
                "one length: each step is a sample by itself.");
  if (settings.average > 0) refuse("train.average", "averaged weights");
  if (settings.memory) refuse("train.memory", "a bound");
  if (!settings.watched.empty()) refuse("watch.rules", "rules to watch");
  if (settings.watch_credit > 0) refuse("watch.credit", "credit to watch");
  for (const auto& [key, value] :
       {std::pair("validate_every", settings.validate_every), {"patience", settings.patience}})
    if (value > 0 && task.validation() == nullptr)
      throw Error(Exit::usage, std::string("train.") + key,
                  "got " + std::to_string(value) +
                      " without rows to validate on. Give data.validation = \"FILE\" or a share of the training data, "
                      "as data.validation = 0.2; with a task, task.validation = 0.2.");
}

}  // namespace

NetPlan::NetPlan(const TrainSettings& settings, const Config& config, const Task& task) {
  require_fitting(settings, task);
  const std::int64_t rows = task.rows(Split::train), length = task.length(Split::train);
  samples = length > 0 && rows > 0 ? rows * length : 0;
  std::int64_t wanted = settings.batch.value_or(usual_batch);
  if (samples > 0) wanted = std::min(wanted, samples);
  if (length == 0 && rows > 0) wanted = std::min(wanted, rows);
  if (wanted > most_batch)
    throw Error(
        Exit::usage, "train.batch",
        "got " + std::to_string(wanted) + " samples at once, allowed are at most " + std::to_string(most_batch) + ".");
  batch = static_cast<int>(wanted);
  batches = (samples + batch - 1) / batch;
  if (settings.steps)
    updates = *settings.steps;
  else if (settings.updates)
    updates = *settings.updates;
  else if (batches == 0)
    throw Error(Exit::usage, "train.updates",
                "no number of updates, and the task never ends. Give train.updates=10000, for instance.");
  else if (__builtin_mul_overflow(settings.epochs, batches, &updates))
    throw Error(Exit::usage, "train.epochs", "got more batches than can be counted, allowed are fewer epochs.");
  report_every = settings.report_every;
  if (report_every == 0)
    report_every =
        std::max({std::int64_t{1}, updates / reports_wanted, std::min(long_stretch, updates / fewest_reports)});
  test_every = settings.test_every;
  validate_every = settings.validate_every;
  drain_every = config.table("update").has("drain_every") ? config.table("update").integer("drain_every") : 0;
  const std::int64_t last = batches > 0 ? batches : (updates + 9) / 10;
  last_from = updates - std::min(updates, last);
  shuffle = settings.shuffle;
}

std::int64_t NetPlan::next_drain(std::int64_t done) const {
  std::int64_t next = updates;
  for (const std::int64_t every : {report_every, test_every, validate_every, drain_every})
    next = std::min(next, next_multiple(done, every, updates));
  return next;
}

std::vector<PlanNumber> numbers_of(const NetPlan& plan, const Task& task, std::size_t parameters, int groups) {
  return {{"samples", plan.samples},
          {"inputs", task.inputs()},
          {"outputs", task.outputs()},
          {"batch", plan.batch},
          {"updates", plan.updates},
          {"shuffle", plan.shuffle},
          {"groups", groups},
          {"report_every", plan.report_every},
          {"parameters", static_cast<std::int64_t>(parameters)}};
}

}  // namespace chronograd
