// SPDX-License-Identifier: Apache-2.0
#include "studies/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>

#include "base/crew.hpp"
#include "chronograd/error.hpp"
#include "chronograd/train.hpp"
#include "config/record.hpp"
#include "figures/screen.hpp"
#include "figures/statistics.hpp"
#include "files/atomic_file.hpp"
#include "files/input_file.hpp"
#include "files/lock_file.hpp"
#include "runs/exactness.hpp"
#include "studies/cautions.hpp"
#include "studies/job.hpp"
#include "studies/rank_jobs.hpp"
#include "studies/runs_together.hpp"
#include "training/remarks.hpp"

namespace chronograd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int timings = 3;              // of each rule
constexpr double timing_seconds = 0.4;  // each; the caches are warm long before

/// Makes and locks the folder, unless it holds anything else, or a comparison that is not to be gone on with.
std::unique_ptr<LockFile> make_folder(const std::string& folder, bool resume) {
  if (folder.empty()) return nullptr;
  const auto check = [&] {
    for (const char* name : {"metrics.jsonl", "sweep.json"})
      if (std::filesystem::exists(folder + "/" + name))
        throw Error(Exit::data, folder,
                    std::string("this folder holds something else (") + name + "). Give another --out.");
    for (const char* name : {"comparison.json", "runs"})
      if (!resume && std::filesystem::exists(folder + "/" + name))
        throw Error(Exit::data, folder,
                    "this folder holds a comparison already. --resume goes on with it; else give another --out.");
  };
  check();  // before anything is made
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw Error(Exit::data, folder, "cannot make this folder: " + failed.message() + ".");
  auto lock = std::make_unique<LockFile>(folder + "/lock", LockFile::Kind::alone,
                                         "another process writes here. Wait for it, or give another --out.");
  check();  // the folder is locked: the answer holds
  return lock;
}

/// Stops a run after so many seconds.
class ShortRun final : public Observer {
 public:
  void started() override { begun_ = Clock::now(); }
  bool moved(const Position&) override {
    return std::chrono::duration<double>(Clock::now() - begun_).count() < timing_seconds;
  }

 private:
  Clock::time_point begun_;
};

/// The times of a rule's runs.
class Times {
 public:
  void add(const RunResult& run) {
    if (run.stream_steps == 0) return;
    wall_.push_back(us_per_step(run.seconds, run));
    cpu_.push_back(us_per_step(run.cpu_seconds, run));
    seconds_ += run.seconds;
    cpu_seconds_ += run.cpu_seconds;
  }
  void write(ComparisonRow& row) const {
    row.us_per_step = median(wall_);
    row.us_per_step_cpu = median(cpu_);
  }
  bool waited() const { return chronograd::waited(seconds_, cpu_seconds_); }

 private:
  std::vector<double> wall_, cpu_;
  double seconds_ = 0, cpu_seconds_ = 0;
};

class Compare {
 public:
  Compare(const Config& config, const std::vector<Method>& methods, const std::vector<std::uint64_t>& seeds,
          const ComparisonOptions& options)
      : options_(options),
        group_(options.observer),
        settings_{options.task, options.parameters, options.parameters_name, options.command, &group_} {
    result_.seeds = seeds;
    result_.warnings = options.warnings;
    for (const Method& method : methods) {
      configs_.push_back(config.with_method(method.word).with({"seed=" + std::to_string(seeds.at(0))}));
      ComparisonRow row;
      row.method = method;
      const std::size_t number = result_.rows.size();
      row.runs.resize(options.counts.empty() ? seeds.size() : std::min(options.counts.at(number), seeds.size()));
      for (RunResult& run : row.runs) run.status = RunResult::Status::stopped;  // until it has run
      row.directories.resize(row.runs.size());
      result_.rows.push_back(std::move(row));
    }
    std::vector<RuleUse> uses;
    const bool recurrent = !config.has("net");
    if (recurrent)
      for (const Config& each : configs_)
        uses.push_back({each.table("rule").word("name"), each.table("rule").word("feedback")});
    if (const std::string warning = lost_exactness(uses); !warning.empty()) result_.warnings.push_back(warning);
    result_.untuned = untuned_rate(methods, configs_);
    std::vector<NamedConfig> named;
    for (std::size_t i = 0; i < methods.size(); ++i) named.push_back({methods[i].word, configs_[i]});
    for (const std::string& sentence : coinciding_rules(named)) result_.warnings.push_back(sentence);
    for (std::size_t row = 0; row < methods.size(); ++row)
      for (std::size_t seed = 0; seed < result_.rows[row].runs.size(); ++seed) jobs_.push_back({row, seed, false});
    if (options.alignment && recurrent)  // the long ones last: the short ones show early what is to come
      for (std::size_t row = 0; row < methods.size(); ++row) jobs_.push_back({row, 0, true});
  }

  Comparison run() {
    if (options_.world != nullptr && !options_.world->first()) return help();
    std::vector<std::string> notes, labels;
    for (const ComparisonRow& row : result_.rows) labels.push_back(row.method.table + " " + row.method.word);
    check_jobs(settings_, configs_, labels, &notes);
    static_cast<void>(group_.going());  // from here on there is something to be stopped in order
    const std::unique_ptr<LockFile> lock = make_folder(options_.folder, options_.resume);
    if (!options_.folder.empty()) begin();
    group_.say(notes);
    group_.expects(static_cast<int>(jobs_.size()));
    result_.jobs = std::min(options_.jobs > 0 ? options_.jobs : available_processors(), static_cast<int>(jobs_.size()));
    if (options_.world != nullptr) share_out();
    {
      Crew crew(result_.jobs);
      crew.run(static_cast<int>(jobs_.size()), [this](int i) { work(static_cast<std::size_t>(i)); });
    }
    if (failure_) std::rethrow_exception(failure_);
    for (ComparisonRow& row : result_.rows) summarise(row);
    remark_on_waiting();
    if (const std::string warning = unequal_amounts(amounts()); !warning.empty()) result_.warnings.push_back(warning);
    const bool ran_alone = result_.jobs == 1 && configs_[0].table("watch").words("rules").empty();
    if (options_.times && !ran_alone && !group_.stopped()) take_times();
    result_.stopped = group_.stopped();
    if (!options_.folder.empty()) write_file(options_.folder + "/comparison.json", comparison_json(result_));
    if (options_.world != nullptr) options_.world->said(result_.stopped ? "stopped" : "");
    return std::move(result_);
  }

 private:
  struct Job {
    std::size_t row, seed;
    bool alignment;  ///< beside the exact gradient
  };

  /// The comparison is on the disk before its first run: what is to be compared, and nothing measured yet.
  void begin() {
    const std::string text = options_.folder + "/config.toml", record = options_.folder + "/comparison.json";
    if (std::filesystem::exists(record)) {
      require_same_comparison(record, read_file(record), result_);
      for (std::size_t number = 0; number < jobs_.size(); ++number) {
        const std::string begun = options_.folder + "/" + directory_of(number);
        if (std::filesystem::exists(begun + "/resolved.json"))
          require_same_record(begun, read_file(begun + "/resolved.json"), config_of(jobs_[number]).resolved_json(),
                              resume_hint, may_change);
      }
    }
    if (std::filesystem::exists(text) && read_file(text) != configs_[0].text())
      throw Error(Exit::usage, text,
                  "got another configuration in this folder. Give what it began with, or another --out.");
    if (std::filesystem::exists(record)) return;
    write_file(text, configs_[0].text());
    Comparison nothing_yet = result_;
    nothing_yet.stopped = true;
    for (ComparisonRow& row : nothing_yet.rows) summarise(row);
    write_file(record, comparison_json(nothing_yet));
  }

  std::string directory_of(std::size_t number) const {
    const Job& job = jobs_[number];
    return fmt::format("runs/{:04}_{}_seed{}{}", number, file_word(result_.rows[job.row].method.word),
                       result_.seeds[job.seed], job.alignment ? "_cosine" : "");
  }

  Config config_of(const Job& job) const {
    std::vector<std::string> changes = {"seed=" + std::to_string(result_.seeds[job.seed])};
    if (job.alignment) changes.emplace_back("watch.rules=[\"rtrl\"]");
    return configs_[job.row].with(changes);
  }

  /// A run into its folder, by one of the ranks: why it failed, or "".
  std::string recorded(std::size_t number, Observer& observer) {
    JobSettings settings = settings_;
    settings.observer = &observer;
    try {
      run_job(settings, config_of(jobs_[number]), "", options_.folder + "/" + directory_of(number));
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  }
  /// All runs by all ranks; what they came to is then read from their folders.
  void share_out() {
    RankJobs shared;
    for (std::size_t number = 0; number < jobs_.size(); ++number) shared.numbers.push_back(static_cast<int>(number));
    std::string failed;
    shared.going = [this] { return group_.going(); };
    shared.work = [this](int number, Observer& own) { return recorded(static_cast<std::size_t>(number), own); };
    shared.begun = [](int) {};
    shared.ended = [&](int, const std::string& what) {
      if (what.empty()) return;
      if (failed.empty()) failed = what;
      group_.stop();
    };
    shared.folder = [this](int number) { return directory_of(static_cast<std::size_t>(number)); };
    shared.remarked = [this](const std::string& text) { group_.remarked(text); };
    hand_out(*options_.world, shared);
    if (!failed.empty()) throw Error(Exit::failed, "--ranks", "a run failed: " + failed);
  }
  Comparison help() {
    take_part(
        *options_.world, [this] { return group_.going(); },
        [this](int number, Observer& own) { return recorded(static_cast<std::size_t>(number), own); });
    result_.stopped = options_.world->said("", true) == "stopped";
    return std::move(result_);
  }

  /// Must not throw: the first failure stops everything and is thrown later.
  void work(std::size_t number) {
    const Job& job = jobs_[number];
    ComparisonRow& row = result_.rows[job.row];
    if (!group_.going()) return;
    try {
      const std::string directory = options_.folder.empty() ? "" : directory_of(number);
      JobResult outcome = run_job(settings_, config_of(job), row.method.word + (job.alignment ? " (cosine)" : ""),
                                  directory.empty() ? "" : options_.folder + "/" + directory);
      if (outcome.run.status == RunResult::Status::stopped) group_.stop();  // perhaps before it was asked
      if (outcome.run.batch == 0) return;                                   // stopped before its first step
      const std::lock_guard lock(mutex_);
      // Those of tasks that draw a target differ from seed to seed: whoever ends last, the first job's are shown.
      if (number == 0 || result_.references.empty()) result_.references = outcome.run.references;
      result_.classes = outcome.classes;
      result_.loss_on = outcome.loss_on;
      if (job.alignment) {
        row.cosine = outcome.run.alignment.empty() ? not_measured : outcome.run.alignment[0].cosine;
        row.watched = directory;
      } else {
        row.runs[job.seed] = std::move(outcome.run);
        row.directories[job.seed] = directory;
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      group_.stop();
    }
  }

  void summarise(ComparisonRow& row) const {
    std::vector<double> losses, accuracies;
    Times times;
    for (const RunResult& run : row.runs) {
      row.rule_bytes = std::max(row.rule_bytes, run.rule_bytes);
      times.add(run);
      row.diverged += run.status == RunResult::Status::diverged;
      if (run.status != RunResult::Status::done) continue;
      const Score& score = run.score();
      losses.push_back(score.loss);
      accuracies.push_back(score.accuracy);
    }
    row.loss = estimate_of(losses);
    row.accuracy = estimate_of(accuracies);
    times.write(row);
  }

  void remark_on_waiting() {
    Waiting waiting;
    for (const ComparisonRow& row : result_.rows)
      for (const RunResult& run : row.runs)
        if (run.batch > 0) waiting.add(run);
    if (const std::string remark = waiting.remark(); !remark.empty()) group_.remarked(remark);
  }

  /// Of the runs that came to their end.
  std::vector<AmountOfData> amounts() const {
    std::vector<AmountOfData> all;
    for (const ComparisonRow& row : result_.rows) {
      AmountOfData amount{row.method.word};
      for (const RunResult& run : row.runs)
        if (run.status == RunResult::Status::done) amount.add(run.stream_steps);
      all.push_back(amount);
    }
    return all;
  }

  /// Runs side by side share caches, memory and the processor's heat; a run alone does not.
  void take_times() {
    SharedTask task(settings_);
    std::vector<Times> times(configs_.size());
    // Of the rule, not of those that are watched beside it.
    std::vector<Config> alone;
    for (const Config& config : configs_) alone.push_back(config.has("net") ? config : config.with({"watch.rules=[]"}));
    for (int round = 0; round < timings; ++round)
      for (std::size_t row = 0; row < configs_.size(); ++row) {
        RunOptions run;
        run.threads = 1;
        run.parameters = settings_.parameters;
        run.parameters_name = settings_.parameters_name;
        const Task& data = task.of(alone[row], nullptr);
        ShortRun watch;
        run.observer = &watch;
        const RunResult result = train(alone[row], data, run);
        if (!group_.going()) return;
        times[row].add(result);
      }
    std::string busy;
    for (std::size_t row = 0; row < configs_.size(); ++row) {
      times[row].write(result_.rows[row]);
      if (times[row].waited()) busy += (busy.empty() ? "" : ", ") + result_.rows[row].method.word;
    }
    if (!busy.empty())
      group_.remarked("[us/step] the runs of " + busy +
                      " waited for a processor: other programs are at work. The times of CPU leave waiting out.");
  }

  const ComparisonOptions& options_;
  RunsTogether group_;
  JobSettings settings_;
  std::vector<Config> configs_;
  std::vector<Job> jobs_;
  Comparison result_;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

const Reference* Comparison::floor() const {
  const auto found = std::find_if(references.begin(), references.end(), [](const Reference& one) { return one.floor; });
  return found == references.end() ? nullptr : &*found;
}

Comparison compare(const Config& config, const std::vector<Method>& methods, const std::vector<std::uint64_t>& seeds,
                   const ComparisonOptions& options) {
  return Compare(config, methods, seeds, options).run();
}

}  // namespace chronograd
