// SPDX-License-Identifier: Apache-2.0
// What stands in the files of a run (docs/run-directory.md), beside what chronograd/recorded_run.hpp offers to all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chronograd/recorded_run.hpp"

namespace chronograd {

/// A test as JSON, an object: as in the summary.
std::string test_json(const Score& score, const Measures& measures);

/// The folder of a run's checkpoints.
std::string checkpoint_folder(const std::string& folder);
/// True if the folder holds a run, finished or not.
bool holds_run(const std::string& folder);
/// The version of the program that began the run; "" if that is not recorded.
std::string version_of(const std::string& folder);
/// The configuration of a run, changes of its command line included. Throws Error (data).
Config read_run_config(const std::string& folder);
/// Throws Error (data) unless the files that the configuration of a run names, or those of its `task` (null where
/// [data] names them), still hold what they held for the run: the SHA-256 in its environment.json.
void require_run_data(const std::string& folder, const Config& config, const Task* task = nullptr);
/// What summary.json and params.npz say of a run that has come to its end (done or diverged); nothing for another.
/// Throws Error (data) for files that were edited.
std::optional<RunResult> read_finished_run(const std::string& folder);

}  // namespace chronograd
