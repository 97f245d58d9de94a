// SPDX-License-Identifier: Apache-2.0
#include "studies/job.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>

#include "chronograd/error.hpp"
#include "files/npz.hpp"
#include "runs/environment.hpp"
#include "runs/recorded_run.hpp"
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

const Task& SharedTask::of(const Config& config, std::vector<std::string>* notes) {
  const bool same = config_ && config.table("").integer("seed") == config_->table("").integer("seed") &&
                    same_values(config, *config_, {"task", "data", "model", "loss"});
  if (!same) {
    task_ = make_task(config, "", parameters_, notes);
    config_ = std::make_unique<Config>(config);
  }
  return *task_;
}

void check_jobs(const JobSettings& settings, const std::vector<Config>& configs, const std::vector<std::string>& labels,
                std::vector<std::string>* notes) {
  Arrays parameters;
  const bool given = !settings.parameters_file.empty();
  if (given) parameters = read_arrays(settings.parameters_file);
  RunOptions options;
  options.threads = 1;
  options.parameters = given ? &parameters : nullptr;
  options.parameters_name = settings.parameters_file;
  SharedTask task(options.parameters);
  std::vector<std::string> tables, repeated;
  for (const OptionTable& table : option_tables())
    if (std::string(table.name) != "optimizer") tables.emplace_back(table.name);
  std::vector<const Config*> seen;
  for (std::size_t i = 0; i < configs.size(); ++i) {
    const auto alike = [&](const Config* other) { return same_values(configs[i], *other, tables); };
    if (std::any_of(seen.begin(), seen.end(), alike)) continue;
    options.notes = seen.empty() ? notes : &repeated;  // remarks are shown once
    try {
      check_training(configs[i], task.of(configs[i], options.notes), options);
    } catch (const Error& error) {
      if (error.code() == Exit::interrupted) throw;
      throw Error(error.code(), labels[i], error.what());
    }
    seen.push_back(&configs[i]);
  }
}

namespace {

/// What another program began would not come to the bits of one program; what it finished is a result.
void remove_what_another_program_began(const std::string& directory, std::vector<std::string>& notes) {
  if (begun_by_this_program(directory) || read_finished_run(directory)) return;
  std::error_code failed;
  std::filesystem::remove_all(directory, failed);
  if (failed) throw Error(Exit::data, directory, "cannot be removed: " + failed.message() + ".");
  notes.push_back("[" + directory +
                  "] another build of the program, or another processor, began this run: it begins anew.");
}

}  // namespace

JobResult run_job(const JobSettings& settings, const Config& config, const std::string& name,
                  const std::string& directory) {
  Progress& progress = *settings.progress;
  Progress::Job* const shown = progress.start(name, static_cast<std::uint64_t>(config.table("").integer("seed")));
  std::vector<std::string> notes;
  std::size_t told = 0;
  const auto tell = [&] {
    for (; told < notes.size(); ++told)
      if (std::find(settings.said.begin(), settings.said.end(), notes[told]) == settings.said.end())
        progress.remark(notes[told]);
  };
  try {
    Arrays parameters;
    RunOptions options;
    options.threads = 1;
    options.notes = &notes;
    if (!settings.parameters_file.empty()) {
      parameters = read_arrays(settings.parameters_file);
      options.parameters = &parameters;
      options.parameters_name = settings.parameters_file;
    }
    const std::unique_ptr<Task> task = make_task(config, "", options.parameters, &notes);
    options.on_resume = [&](std::int64_t updates, std::int64_t) {
      if (updates > 0)
        notes.push_back("[" + directory + "] the run goes on after update " + std::to_string(updates) + ".");
      tell();
    };
    options.on_report = [&](const Metrics& metrics) { progress.report(shown, metrics); };
    options.keep_going = [&](const Position& position) {
      progress.moved(shown, position);
      return settings.keep_going();
    };
    JobResult result;
    if (directory.empty()) {
      result.run = train(config, *task, options);
    } else {
      remove_what_another_program_began(directory, notes);
      result.run = recorded_run(config, *task, {directory, true, settings.command}, options);
    }
    tell();
    if (task->rows(Split::test) >= 0 || task->validation())
      result.loss_on = task->rows(Split::test) >= 0 ? "test" : "validation";
    result.classes = task->classes();
    const Score score = result.score();
    progress.finish(shown, {name_of(result.run.status), score.loss, score.accuracy, result.run.seconds, ""});
    return result;
  } catch (const Error& error) {
    const bool stopped = error.code() == Exit::interrupted;  // before its first step
    progress.finish(shown, {stopped ? "stopped" : "failed", not_measured, not_measured, not_measured, error.what()});
    if (!stopped) throw;
    JobResult result;
    result.run.status = RunResult::Status::stopped;
    return result;
  } catch (const std::exception& error) {
    progress.finish(shown, {"failed", not_measured, not_measured, not_measured, error.what()});
    throw;
  }
}

}  // namespace chronograd
