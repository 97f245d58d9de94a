// SPDX-License-Identifier: Apache-2.0
#include "studies/job.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>

#include "chronograd/error.hpp"
#include "chronograd/recorded_run.hpp"
#include "chronograd/train.hpp"
#include "runs/environment.hpp"
#include "runs/run_files.hpp"

namespace chronograd {

Score JobResult::score() const {
  if (run.status == RunResult::Status::diverged) return {};
  return run.score();
}

Score JobResult::choice() const {
  if (run.status == RunResult::Status::diverged) return {};
  return run.choice();
}

bool same_values(const Config& a, const Config& b, const std::vector<std::string>& tables) {
  return std::all_of(tables.begin(), tables.end(), [&](const std::string& table) {
    return a.has(table) == b.has(table) && a.table(table).values() == b.table(table).values();
  });
}

bool same_rows(const Config& a, const Config& b) {
  const Options &left = a.table(""), &right = b.table("");
  return left.integer("seed") == right.integer("seed") && left.word("dtype") == right.word("dtype") &&
         same_values(a, b, {"task", "data", "model", "loss"});
}

const Task& SharedTask::of(const Config& config, std::vector<std::string>* notes) {
  if (settings_.task) return *settings_.task;
  if (!config_ || !same_rows(config, *config_)) {
    task_ = make_task(config, "", settings_.parameters, notes);
    config_ = std::make_unique<Config>(config);
  }
  return *task_;
}

namespace {

RunOptions options_of(const JobSettings& settings) {
  RunOptions options;
  options.threads = 1;
  options.parameters = settings.parameters;
  options.parameters_name = settings.parameters_name;
  return options;
}

}  // namespace

void check_jobs(const JobSettings& settings, const std::vector<Config>& configs, const std::vector<std::string>& labels,
                std::vector<std::string>* notes) {
  RunOptions options = options_of(settings);
  SharedTask task(settings);
  std::vector<std::string> tables;
  for (const OptionTable& table : option_tables())
    if (std::string(table.name) != "optimizer") tables.emplace_back(table.name);
  std::vector<const Config*> seen;
  for (std::size_t i = 0; i < configs.size(); ++i) {
    const auto alike = [&](const Config* other) { return same_values(configs[i], *other, tables); };
    if (std::any_of(seen.begin(), seen.end(), alike)) continue;
    Remarks remarks;
    options.observer = &remarks;
    try {
      check_training(configs[i], task.of(configs[i], &remarks.texts), options);
    } catch (const Error& error) {
      if (error.code() == Exit::interrupted) throw;
      throw Error(error.code(), labels[i], error.what());
    }
    if (notes && seen.empty()) *notes = std::move(remarks.texts);  // the same remarks again would tell nothing
    seen.push_back(&configs[i]);
  }
}

namespace {

/// What another program began would not come to the bits of one program; what it finished is a result.
void remove_what_another_program_began(const std::string& directory, Observer& observer) {
  if (begun_by_this_program(directory) || read_finished_run(directory)) return;
  std::error_code failed;
  std::filesystem::remove_all(directory, failed);
  if (failed) throw Error(Exit::data, directory, "cannot be removed: " + failed.message() + ".");
  observer.remarked("[" + directory +
                    "] another build of the program, or another processor, began this run: it begins anew.");
}

/// Trains, and tells nobody how it ended.
JobResult trained(const JobSettings& settings, const Config& config, const std::string& directory, Observer& observer) {
  std::unique_ptr<Task> own;
  if (!settings.task) {
    std::vector<std::string> notes;
    own = make_task(config, "", settings.parameters, &notes);
    for (const std::string& note : notes) observer.remarked(note);
  }
  const Task& task = own ? *own : *settings.task;
  RunOptions options = options_of(settings);
  options.observer = &observer;
  JobResult result;
  if (directory.empty()) {
    result.run = train(config, task, options);
  } else {
    remove_what_another_program_began(directory, observer);
    result.run = recorded_run(config, task, {directory, true, settings.command}, options);
  }
  if (task.rows(Split::test) >= 0 || task.validation())
    result.loss_on = task.rows(Split::test) >= 0 ? "test" : "validation";
  result.classes = task.classes();
  return result;
}

}  // namespace

JobResult run_job(const JobSettings& settings, const Config& config, const std::string& name,
                  const std::string& directory) {
  const std::unique_ptr<Observer> own =
      Observer::or_none(settings.observer).job(name, static_cast<std::uint64_t>(config.table("").integer("seed")));
  Observer& observer = Observer::or_none(own.get());
  try {
    JobResult result = trained(settings, config, directory, observer);
    const Score score = result.score();
    observer.ended({name_of(result.run.status), score.loss, score.accuracy, result.run.seconds, ""});
    return result;
  } catch (const Error& error) {
    const bool stopped = error.code() == Exit::interrupted;  // before its first step
    observer.ended({stopped ? "stopped" : "failed", not_measured, not_measured, not_measured, error.what()});
    if (!stopped) throw;
    JobResult result;
    result.run.status = RunResult::Status::stopped;
    return result;
  } catch (const std::exception& error) {
    observer.ended({"failed", not_measured, not_measured, not_measured, error.what()});
    throw;
  }
}

}  // namespace chronograd
