// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/run_result.hpp"
#include "studies/sweep_plan.hpp"

namespace chronograd {

/// Where a job of a sweep stands. Those from `done` on are final but for `failed`, which --resume repeats.
enum class JobStatus { queued, running, stopped, failed, done, diverged };
const char* name_of(JobStatus status);

struct JobRecord {
  JobStatus status = JobStatus::queued;
  double loss = not_measured,
         accuracy = not_measured;              ///< of RunResult::choice(): validation, else test, else training
  double seconds = not_measured;               ///< training time
  std::int64_t updates = 0, stream_steps = 0;  ///< stream_steps: 0 in the ledgers of earlier versions
  Reference floor{};  ///< what its loss is held against, see Reference::floor; flag false: not known
  std::string error;  ///< why it failed

  bool finished() const { return status == JobStatus::done || status == JobStatus::diverged; }
};

/// The lines of one process's jobs, appended and brought to the disk one by one: ledger.jsonl, or ledger.IofN.jsonl of
/// a shard. The last line about a job holds. Throws Error (data).
class Ledger {
 public:
  /// Opens or makes the file. What a crash left of a last line is closed, so that it is read as none.
  explicit Ledger(const std::string& path);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// One line, or none if it cannot be written whole.
  void append(const SweepPlan& plan, const SweepJob& job, const JobRecord& record) { append(line(plan, job, record)); }
  /// All jobs as queued, in one piece.
  void append_queued(const SweepPlan& plan, const std::vector<SweepJob>& jobs);

 private:
  static std::string line(const SweepPlan& plan, const SweepJob& job, const JobRecord& record);
  void append(const std::string& lines);

  std::string path_;
  int file_ = -1;
};

/// What the run in a folder says of its job, where it has come to its end; else `record` stays. Throws Error (data).
void read_run(const std::string& folder, JobRecord& record);
/// The name of the ledger of shard `shard` (from 1) of `shards`; ledger.jsonl if there is but one.
std::string ledger_name(int shard, int shards);
/// True if the folder has a ledger of any shard.
bool has_ledger(const std::string& folder);
/// What all ledgers in the folder say, job by job. A job about which they say nothing final, but whose run is complete,
/// is taken from its run. Throws Error (data).
std::vector<JobRecord> read_records(const std::string& folder, const std::vector<SweepJob>& jobs);

}  // namespace chronograd
