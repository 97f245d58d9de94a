// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/observer.hpp"
#include "studies/ledger.hpp"
#include "studies/sweep_plan.hpp"

namespace chronograd {

class World;

struct SweepOptions {
  int shard = 0;                     ///< from 1; 0: all jobs
  bool resume = false;               ///< go on with what the folder holds
  bool fail_fast = false;            ///< a job that fails stops the others
  int jobs = 0;                      ///< at a time; 0: as many as processors
  std::vector<std::string> command;  ///< for the record
  Observer* observer = nullptr;      ///< is asked for an observer of each job; null: nobody looks
  World* world = nullptr;            ///< ranks that share the jobs, one at a time each; null: this process alone
};

/// A sweep as its folder has it.
struct Sweep {
  SweepPlan plan;
  std::vector<SweepJob> jobs;
  std::vector<JobRecord> records;  ///< one a job
  bool stopped = false;            ///< by the user, or by a failure under fail_fast
};

/// Runs the jobs that are not finished, one thread each, and records each in its folder as it ends. Which runs side by
/// side changes no result. Of ranks the first one writes all but the runs' own folders; to the others nothing is
/// returned. Throws Error (usage, data) before the first job for what is wrong with the plan or the
/// folder, and Error (data) where the ledger cannot be written; a job that fails is a record.
Sweep run_sweep(const SweepPlan& plan, const std::string& folder, const SweepOptions& options);

/// Reads the folder of a sweep, of all shards that it has. Throws Error (data).
Sweep read_sweep(const std::string& folder);

}  // namespace chronograd
