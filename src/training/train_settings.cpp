// SPDX-License-Identifier: Apache-2.0
#include "training/train_settings.hpp"

namespace chronograd {
namespace {

std::optional<std::int64_t> given(const Options& options, const char* key) {
  if (!options.has(key)) return std::nullopt;
  return options.integer(key);
}

}  // namespace

TrainSettings::TrainSettings(const Config& config) {
  const Options &train = config.table("train"), &watch = config.table("watch");
  seed = static_cast<std::uint64_t>(config.table("").integer("seed"));
  every = config.table("update").integer("every");
  updates = given(train, "updates");
  steps = given(train, "steps");
  epochs = train.integer("epochs");
  batch = given(train, "batch");
  of_files = config.has("data") || !config.has("task");
  // Streams of a file keep their order unless the user asks for another.
  shuffle = train.flag("shuffle") && (config.has("task") || train.given("shuffle"));
  if (train.has("memory")) memory = train.number("memory") * (1 << 20);
  report_every = train.integer("report_every");
  test_every = train.integer("test_every");
  test_steps = train.integer("test_steps");
  validate_every = given(train, "validate_every").value_or(0);
  patience = given(train, "patience").value_or(0);
  average = train.has("average") ? train.number("average") : 0;
  watched = watch.words("rules");
  watch_every = watch.integer("every");
  watch_credit = static_cast<int>(watch.integer("credit"));
}

}  // namespace chronograd
