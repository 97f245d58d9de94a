// SPDX-License-Identifier: Apache-2.0
#include "chronograd/recorded_run.hpp"

#include <memory>
#include <optional>

#include "base/crew.hpp"
#include "chronograd/dataset.hpp"
#include "ranks/world.hpp"
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
  std::vector<std::string> hosts;
  for (int r = 0; options.world != nullptr && r < options.world->size(); ++r) hosts.push_back(options.world->host(r));
  return {thread_count(config, options.threads), recording.command, task.summary(), files, facts, hosts};
}

/// Writes down what it sees, and passes it on.
class Recorder final : public Relay {
 public:
  Recorder(const Config& config, const Surroundings& surroundings, const Recording& recording, Observer* to)
      : Relay(or_none(to)), config_(config), surroundings_(surroundings), recording_(recording) {}

  void started() override {
    to().started();
    folder_ = std::make_unique<RunDirectory>(recording_.folder, config_, surroundings_, recording_.resume, to());
  }
  void resumed(std::int64_t updates, std::int64_t reports) override {
    folder_->resume(updates, reports);
    if (updates > 0)
      remarked("[" + recording_.folder + "] the run goes on after update " + std::to_string(updates) + ".");
    to().resumed(updates, reports);
  }
  void reported(const Metrics& metrics) override {
    folder_->append(metrics);
    to().reported(metrics);
  }
  void saving() override {
    folder_->flush();
    to().saving();
  }
  void finish(const RunResult& result) { folder_->finish(result); }

 private:
  const Config& config_;
  const Surroundings& surroundings_;
  const Recording& recording_;
  std::unique_ptr<RunDirectory> folder_;
};

/// One of several processes, which records nothing: the first one does.
RunResult shared_run(const Config& config, const Task& task, const Recording& recording, RunOptions options) {
  if (recording.resume) {
    const std::string finished = options.world->said("");
    RunResult result;
    result.status =
        finished == name_of(RunResult::Status::diverged) ? RunResult::Status::diverged : RunResult::Status::done;
    if (!finished.empty()) return result;
  }
  options.checkpoint = checkpoint_folder(recording.folder);
  options.resume = recording.resume;
  return train(config, task, options);
}

}  // namespace

RunResult recorded_run(const Config& config, const Task& task, const Recording& recording, RunOptions options) {
  if (options.world != nullptr && !options.world->first()) return shared_run(config, task, recording, options);
  const Surroundings surroundings = surroundings_of(config, task, recording, options);
  if (recording.resume) {
    std::optional<RunResult> finished = read_finished_run(recording.folder);
    if (finished) RunDirectory::require_same(recording.folder, config, environment_json(surroundings));
    if (options.world != nullptr) options.world->said(finished ? name_of(finished->status) : "");
    if (finished) return std::move(*finished);
  }
  Recorder recorder(config, surroundings, recording, options.observer);
  options.observer = &recorder;
  options.checkpoint = checkpoint_folder(recording.folder);
  options.resume = recording.resume;
  RunResult result = train(config, task, options);
  if (result.status != RunResult::Status::stopped && !config.has("net"))  // of states over time
    write_sample(recording.folder, config, task, options.parameters, result.parameters);
  recorder.finish(result);
  return result;
}

}  // namespace chronograd
