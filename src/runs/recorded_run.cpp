// SPDX-License-Identifier: Apache-2.0
#include "runs/recorded_run.hpp"

#include <memory>
#include <optional>

#include "base/crew.hpp"
#include "chronograd/dataset.hpp"
#include "runs/run_directory.hpp"
#include "runs/run_files.hpp"
#include "runs/sample.hpp"

namespace chronograd {

namespace {

Surroundings surroundings_of(const Config& config, const Task& task, const Recording& recording,
                             const RunOptions& options) {
  std::vector<std::string> files = task.files();
  files.insert(files.begin(), options.parameters_name);
  if (task.validation()) {
    const std::vector<std::string> more = task.validation()->files();
    files.insert(files.end(), more.begin(), more.end());
  }
  auto facts = task.facts();
  const Options& data = config.table("data");
  for (const char* key : {"train", "test", "validation"})
    if (data.has(key) && data.is_word(key))
      if (const DatasetRecord* dataset = dataset_of(data.word(key)))
        facts.emplace_back("licence of " + data.word(key), std::string(dataset->licence) + "; " + dataset->source);
  return {thread_count(config, options.threads), recording.command, task.summary(), files, facts};
}

}  // namespace

RunResult recorded_run(const Config& config, const Task& task, const Recording& recording, RunOptions options) {
  const Surroundings surroundings = surroundings_of(config, task, recording, options);
  std::unique_ptr<RunDirectory> folder;
  const auto open = [&] {
    folder = std::make_unique<RunDirectory>(recording.folder, config, surroundings, recording.resume, options.notes);
  };
  if (recording.resume)
    if (std::optional<RunResult> finished = read_finished_run(recording.folder)) {
      RunDirectory::require_same(recording.folder, config, environment_json(surroundings));
      return std::move(*finished);
    }
  options.checkpoint = checkpoint_folder(recording.folder);
  options.resume = recording.resume;
  // The folder is made when the run has been found to make sense, not before.
  options.on_start = [&, then = options.on_start] {
    if (recording.on_begin) recording.on_begin();
    open();
    if (then) then();
  };
  options.on_resume = [&, then = options.on_resume](std::int64_t updates, std::int64_t lines) {
    folder->resume(updates, lines);
    if (then) then(updates, lines);
  };
  options.before_checkpoint = [&] { folder->flush(); };
  options.on_report = [&, then = options.on_report](const Metrics& metrics) {
    folder->append(metrics);
    if (then) then(metrics);
  };
  RunResult result = train(config, task, options);
  if (result.status != RunResult::Status::stopped)
    write_sample(recording.folder, config, task, options.parameters, result.parameters);
  folder->finish(result);
  return result;
}

}  // namespace chronograd
