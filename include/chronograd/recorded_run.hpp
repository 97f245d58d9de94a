// SPDX-License-Identifier: Apache-2.0
// Runs with a folder of their own, and what stands in its files: docs/run-directory.md.
#pragma once

#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/export.hpp"
#include "chronograd/run_result.hpp"
#include "chronograd/task.hpp"
#include "chronograd/train.hpp"

namespace chronograd {

/// Where and how a run is recorded.
struct Recording {
  std::string folder;                ///< made if it is not there
  bool resume = false;               ///< go on with the run in the folder; begin one if there is none
  std::vector<std::string> command;  ///< the command line, for the record
};

/// Trains as train() does and records it in a folder (docs/run-directory.md), with checkpoints. A run that was
/// interrupted in any way goes on with `resume` to the same bits; one that is finished is only read. `options` are
/// those of train(); where checkpoints are is set here. The observer hears that the run started before its folder is
/// made, of all else after it has been recorded. Throws Error for what is wrong before the first step and for files
/// that cannot be written; what is in the folder stays whole then.
CHRONOGRAD_API RunResult recorded_run(const Config& config, const Task& task, const Recording& recording,
                                      RunOptions options);

/// `done`, `diverged` or `stopped`.
CHRONOGRAD_API const char* name_of(RunResult::Status status);
/// The summary of a run as JSON, without its parameters: summary.json.
CHRONOGRAD_API std::string summary_json(const RunResult& result);
/// One line of metrics.jsonl, without its end.
CHRONOGRAD_API std::string metrics_json(const Metrics& metrics);

}  // namespace chronograd
