// SPDX-License-Identifier: Apache-2.0
// One of many runs: one thread, perhaps recorded.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/observer.hpp"
#include "chronograd/run_result.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// What all jobs of a comparison or sweep share.
struct JobSettings {
  const Task* task = nullptr;          ///< null: what the configuration names
  const Arrays* parameters = nullptr;  ///< as for train
  std::string parameters_name;         ///< likewise
  std::vector<std::string> command;    ///< for the record
  Observer* observer = nullptr;        ///< is asked for an observer of each job
};

struct JobResult {
  RunResult run;
  std::string loss_on = "train";  ///< what score() is of: test, validation, train
  bool classes = false;

  /// What the job is judged by, see RunResult::score(); nothing for a run that diverged.
  Score score() const;
  /// What a choice among jobs goes by: the validation where there was one, else score().
  Score choice() const;
};

/// One task for all configurations that want the same: data are read once.
class SharedTask {
 public:
  /// `settings` must outlive it.
  explicit SharedTask(const JobSettings& settings) : settings_(settings) {}
  const Task& of(const Config& config, std::vector<std::string>* notes);

 private:
  const JobSettings& settings_;
  std::unique_ptr<Task> task_;
  std::unique_ptr<Config> config_;
};

/// Refuses what could not run, before anything runs: plans each configuration on its task. Those that differ from an
/// earlier one in nothing but the optimizer are taken to be right. Throws Error; `labels` say which one it is.
void check_jobs(const JobSettings& settings, const std::vector<Config>& configs, const std::vector<std::string>& labels,
                std::vector<std::string>* notes);

/// True if two configurations name the same rows, read in the same way.
bool same_rows(const Config& a, const Config& b);
/// True if two configurations have the same values in these tables.
bool same_values(const Config& a, const Config& b, const std::vector<std::string>& tables);

/// Trains. `directory`: where the run is recorded, "" = nowhere. A run that is there goes on from its checkpoint to the
/// same bits; one that is finished is only read; one that another program began (version, compiler, instruction set)
/// and did not finish begins anew. Throws Error and what else a run may throw; the job's observer is told first.
JobResult run_job(const JobSettings& settings, const Config& config, const std::string& name,
                  const std::string& directory);

}  // namespace chronograd
