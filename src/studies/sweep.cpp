// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>

#include "base/crew.hpp"
#include "chronograd/error.hpp"
#include "config/versions.hpp"
#include "files/atomic_file.hpp"
#include "files/lock_file.hpp"
#include "files/npz.hpp"
#include "runs/run_directory.hpp"
#include "studies/job.hpp"
#include "studies/rank_jobs.hpp"
#include "studies/runs_together.hpp"
#include "training/remarks.hpp"

namespace chronograd {
namespace {

const char* const busy = "another process runs this sweep. Wait for it, stop it, or give another --out.";

/// The locks of a process: a whole sweep keeps all others away, a shard keeps away whole sweeps and its like.
struct Locks {
  Locks(const std::string& folder, int shard, int shards)
      : all(folder + "/lock", shard > 0 ? LockFile::Kind::shared : LockFile::Kind::alone, busy) {
    if (shard > 0)
      own =
          std::make_unique<LockFile>(folder + "/" + ledger_name(shard, shards) + ".lock", LockFile::Kind::alone, busy);
  }
  LockFile all;
  std::unique_ptr<LockFile> own;
};

void make_folder(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw Error(Exit::data, folder, "cannot make this folder: " + failed.message() + ".");
  for (const char* other : {"metrics.jsonl", "comparison.json"})
    if (std::filesystem::exists(folder + "/" + other))
      throw Error(Exit::data, folder,
                  std::string("this folder holds something else (") + other + "). Give another --out.");
}

/// Refuses a folder whose sweep is not this one, or that has begun already.
void check_folder(const SweepPlan& plan, const std::string& folder, const std::string& ledger, bool resume) {
  if (!std::filesystem::exists(folder + "/sweep.json")) return;
  if (!resume && std::filesystem::exists(folder + "/" + ledger))
    throw Error(Exit::data, folder, "this folder holds a sweep already. Go on with --resume, or give another --out.");
  if (const std::string what = difference(plan, read_plan(folder)); !what.empty())
    throw Error(Exit::usage, folder,
                "holds another sweep: it differs in " + what + ". Give what it began with, or another --out.");
}

class Run {
 public:
  Run(const SweepPlan& plan, const std::string& folder, const SweepOptions& options, const Arrays* parameters,
      const std::vector<std::string>& said)
      : plan_(plan), folder_(folder), group_(options.observer), fail_fast_(options.fail_fast), world_(options.world) {
    settings_.observer = &group_;
    settings_.command = options.command;
    settings_.parameters = parameters;
    settings_.parameters_name = plan.parameters_file;
    group_.say(said);
    result_.plan = plan;
    result_.jobs = plan.jobs();
    result_.records.resize(result_.jobs.size());
    if (!writes()) return;
    const std::string name = options.shard > 0 ? ledger_name(options.shard, plan.shards) : ledger_name(1, 1);
    const bool begun = std::filesystem::exists(folder + "/" + name);
    result_.records = read_records(folder, result_.jobs);
    ledger_ = std::make_unique<Ledger>(folder + "/" + name);
    std::vector<SweepJob> mine;
    for (const SweepJob& job : result_.jobs) {
      if (options.shard > 0 && job.number % plan.shards != options.shard - 1) continue;
      const JobRecord& record = record_of(job);
      mine.push_back(job);
      if (!record.finished()) left_.push_back(job);
    }
    if (!begun) ledger_->append_queued(plan_, mine);
    for (const SweepJob& job : mine)  // also what a killed process finished, but did not note
      if (begun && record_of(job).finished()) ledger_->append(plan_, job, record_of(job));
    skipped_ = mine.size() - left_.size();
  }

  Sweep run(int threads) {
    group_.expects(static_cast<int>(left_.size()));
    if (skipped_ > 0) group_.remarked(std::to_string(skipped_) + " jobs were finished before.");
    if (world_ != nullptr) {
      share_out();
    } else if (!left_.empty()) {
      Crew crew(std::min(threads > 0 ? threads : available_processors(), static_cast<int>(left_.size())));
      crew.run(static_cast<int>(left_.size()), [this](int i) { work(left_[static_cast<std::size_t>(i)]); });
    }
    if (failure_) std::rethrow_exception(failure_);
    if (const std::string remark = waiting_.remark(); !remark.empty()) group_.remarked(remark);
    result_.records = read_records(folder_, result_.jobs);  // other shards may have gone on
    result_.stopped = group_.stopped();
    return std::move(result_);
  }

  /// Of a rank that is not the first.
  void help() {
    take_part(
        *world_, [this] { return group_.going(); }, [this](int number, Observer& own) { return told(number, own); });
  }

 private:
  bool writes() const { return world_ == nullptr || world_->first(); }
  const SweepJob& job_of(int number) const { return result_.jobs[static_cast<std::size_t>(number)]; }

  /// The jobs that are left, to all ranks.
  void share_out() {
    RankJobs shared;
    for (const SweepJob& job : left_) shared.numbers.push_back(job.number);
    shared.going = [this] { return group_.going(); };
    shared.work = [this](int number, Observer& own) { return told(number, own); };
    shared.begun = [this](int number) {
      JobRecord begun;
      begun.status = JobStatus::running;
      note(job_of(number), begun);
    };
    shared.ended = [this](int number, const std::string& what) { note(job_of(number), heard(number, what)); };
    shared.folder = [this](int number) { return job_of(number).directory; };
    shared.remarked = [this](const std::string& text) { group_.remarked(text); };
    hand_out(*world_, shared);
  }
  /// What became of a job, by the rank that ran it: the status, and why it failed.
  std::string told(int number, Observer& own) {
    settings_.observer = &own;
    const JobRecord record = outcome(job_of(number));
    return std::string(name_of(record.status)) + "\n" + record.error;
  }
  /// The same at the first rank: what was measured stands in the run's folder.
  JobRecord heard(int number, const std::string& what) {
    const std::size_t end = what.find('\n');
    const std::string status = what.substr(0, end);
    JobRecord record;
    record.status = status == name_of(JobStatus::failed) ? JobStatus::failed : JobStatus::stopped;
    record.error = what.substr(end + 1);
    read_run(folder_ + "/" + job_of(number).directory, record);
    if (record.status == JobStatus::stopped || (record.status == JobStatus::failed && fail_fast_)) group_.stop();
    group_.remarked(plan_.label(job_of(number).values, true) + " seed " + std::to_string(job_of(number).seed) + ": " +
                    name_of(record.status));
    return record;
  }

  JobRecord& record_of(const SweepJob& job) { return result_.records[static_cast<std::size_t>(job.number)]; }

  /// Must not throw: what the ledger cannot take stops everything and is thrown later.
  void work(const SweepJob& job) {
    if (!group_.going()) return;
    try {
      JobRecord begun;
      begun.status = JobStatus::running;
      note(job, begun);
      note(job, outcome(job));
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      group_.stop();
    }
  }

  JobRecord outcome(const SweepJob& job) {
    JobRecord record;
    try {
      const Config config = plan_.at(job.values).with({"seed=" + std::to_string(job.seed)});
      const std::string label = plan_.label(job.values, true);
      const JobResult result = run_job(settings_, config, label.empty() ? plan_.method_of(job.values).word : label,
                                       folder_ + "/" + job.directory);
      record.status = result.run.status == RunResult::Status::done       ? JobStatus::done
                      : result.run.status == RunResult::Status::diverged ? JobStatus::diverged
                                                                         : JobStatus::stopped;
      if (record.status == JobStatus::stopped) group_.stop();  // perhaps before it was asked whether to go on
      record.loss = result.choice().loss;
      record.accuracy = result.choice().accuracy;
      record.seconds = result.run.seconds;
      record.updates = result.run.updates;
      record.stream_steps = result.run.stream_steps;
      if (const Reference* floor = result.run.floor(); floor != nullptr) record.floor = *floor;
      const std::lock_guard lock(mutex_);
      if (result.run.batch > 0) waiting_.add(result.run);
    } catch (const std::exception& error) {
      record.status = JobStatus::failed;
      record.error = error.what();
      if (fail_fast_) group_.stop();
    }
    return record;
  }

  void note(const SweepJob& job, const JobRecord& record) {
    const std::lock_guard lock(mutex_);
    record_of(job) = record;
    ledger_->append(plan_, job, record);
  }

  const SweepPlan& plan_;
  std::string folder_;
  RunsTogether group_;
  JobSettings settings_;
  bool fail_fast_;
  World* world_;
  std::unique_ptr<Ledger> ledger_;
  std::vector<SweepJob> left_;
  std::size_t skipped_ = 0;
  Waiting waiting_;
  Sweep result_;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

Sweep run_sweep(const SweepPlan& plan, const std::string& folder, const SweepOptions& options) {
  std::vector<std::string> notes;
  Arrays parameters;
  const bool given = !plan.parameters_file.empty();
  if (options.world != nullptr && !options.world->first()) {
    if (given) parameters = read_arrays(plan.parameters_file);
    Run(plan, folder, options, given ? &parameters : nullptr, {}).help();
    return {};
  }
  naming_versions(plan.version, [&] {
    if (given) parameters = read_arrays(plan.parameters_file);
    check_plan(plan, given ? &parameters : nullptr, &notes);
  });
  // From here on there is something to be stopped in order.
  static_cast<void>(Observer::or_none(options.observer).moved({0, 0, 0}));
  const std::string ledger = options.shard > 0 ? ledger_name(options.shard, plan.shards) : ledger_name(1, 1);
  make_folder(folder);
  const Locks locks(folder, options.shard, plan.shards);
  check_folder(plan, folder, ledger, options.resume);
  if (!std::filesystem::exists(folder + "/sweep.json")) {
    write_file(folder + "/config.toml", plan.config_text);
    write_file(folder + "/sweep.json", plan_json(plan));
  }
  return Run(plan, folder, options, given ? &parameters : nullptr, notes).run(options.jobs);
}

Sweep read_sweep(const std::string& folder) {
  Sweep sweep;
  sweep.plan = read_plan(folder);
  sweep.jobs = sweep.plan.jobs();
  sweep.records = read_records(folder, sweep.jobs);
  return sweep;
}

}  // namespace chronograd
