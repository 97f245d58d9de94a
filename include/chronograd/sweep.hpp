// SPDX-License-Identifier: Apache-2.0
// The same experiment at many settings: what the program's verb "sweep" does (docs/sweep.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/export.hpp"
#include "chronograd/observer.hpp"

namespace chronograd {

struct SweepRequest {
  std::string config_name;         ///< of the configuration, for messages and the record
  std::string config_text;         ///< TOML
  std::vector<std::string> words;  ///< `optimizer.lr=log(1e-4,1e-1,7)` is an axis; one value: a change for all jobs
  std::string data_file;           ///< instead of the configuration's data; "": those
  std::string parameters_file;     ///< where all runs begin; "": drawn from their seeds
  std::vector<std::uint64_t> seeds = {0};
  std::int64_t samples = 0;          ///< draws of axes that are drawn
  std::string folder;                ///< where the ledger and the runs are kept
  bool resume = false;               ///< go on with what the folder holds
  bool fail_fast = false;            ///< a job that fails stops the others
  int jobs = 0;                      ///< at a time; 0: as many as processors
  std::vector<std::string> command;  ///< a command line, for the record
  Observer* observer = nullptr;      ///< is asked for an observer of each job; null: nobody looks
};

/// What the verb prints, for programs and for people.
struct SweepOutcome {
  std::string json, text;
  bool stopped = false;  ///< by the observer, or by a failure under fail_fast
};

/// Runs all jobs and sums them up. Throws Error (usage, data) before the first job for what is wrong with the request
/// or the folder; a job that fails is part of the outcome.
CHRONOGRAD_API SweepOutcome run_sweep(const SweepRequest& request);

}  // namespace chronograd
