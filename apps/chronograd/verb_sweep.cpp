// SPDX-License-Identifier: Apache-2.0
// chronograd sweep: the same experiment at many settings, to find those that suit each rule.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "chronograd/error.hpp"
#include "output.hpp"
#include "over_ranks.hpp"
#include "stop_on_signal.hpp"
#include "studies/sweep_summary.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

/// `i/n`
struct Shard {
  int index = 0, count = 1;  ///< index 0: all jobs
};

/// A number that Slurm gives to the tasks of an array.
int slurm_number(const char* variable) {
  const char* const text = std::getenv(variable);
  int number = 0;
  if (text == nullptr || std::from_chars(text, text + std::strlen(text), number).ec != std::errc())
    throw Error(Exit::usage, "--shard",
                std::string("got slurm outside an array of jobs (there is no ") + variable +
                    "). Start with sbatch --array=1-8, or give i/n.");
  return number;
}

/// The tasks of an array count from where it begins, in steps: 0-7, 1-8, 10-80:10.
Shard slurm_shard() {
  const int id = slurm_number("SLURM_ARRAY_TASK_ID"), least = slurm_number("SLURM_ARRAY_TASK_MIN"),
            count = slurm_number("SLURM_ARRAY_TASK_COUNT");
  const int step = std::getenv("SLURM_ARRAY_TASK_STEP") != nullptr ? slurm_number("SLURM_ARRAY_TASK_STEP") : 1;
  const Shard shard = {step > 0 ? (id - least) / step + 1 : 0, count};
  if (step < 1 || id < least || (id - least) % step != 0 || shard.index > count)
    throw Error(
        Exit::usage, "--shard",
        "got slurm in task " + std::to_string(id) + " of an array of " + std::to_string(count) +
            " tasks that do not follow each other, allowed are arrays like 1-8 or 0-70:10. What is missing of a "
            "sweep is run by sweep --resume --out FOLDER.");
  return shard;
}

Shard parse_shard(const std::string& text) {
  Shard shard;
  if (text.empty()) return shard;
  if (text == "slurm") return slurm_shard();
  const char* const end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  const bool slash = index.ec == std::errc() && index.ptr != end && *index.ptr == '/';
  const auto count = slash ? std::from_chars(index.ptr + 1, end, shard.count) : index;
  if (!slash || count.ec != std::errc() || count.ptr != end || shard.index < 1 || shard.index > shard.count)
    throw Error(Exit::usage, "--shard",
                "got \"" + text + "\", allowed is i/n with 1 <= i <= n, or slurm. Example: --shard 1/4.");
  return shard;
}

class SweepVerb final : public Verb {
 public:
  const char* name() const override { return "sweep"; }
  const char* summary() const override { return "an experiment at many settings, rules and seeds"; }

  void declare(CommandLine& line) override {
    line.argument("CONFIG", config_, "configuration file (TOML); with --resume it may be left out", false);
    line.arguments("key=values", words_,
                   "axes, as rule.name=rflo,rtrl optimizer.lr=log(1e-4,1e-1,7); key=a,b,c, lin(low,high,n), "
                   "log(low,high,n), uniform(low,high), loguniform(low,high); a single value changes CONFIG");
    line.option("--data", "FILE", data_, "data to use instead of the configuration's", false);
    line.option("--params", "FILE.npz", parameters_, "parameters to begin with", false);
    line.option("--out", "FOLDER", out_, "where the ledger and the runs are kept", true);
    line.option("--seeds", "0..4", seeds_, "seeds, as 0..4 or 0,3,7", false);
    line.option("--samples", "N", samples_, 0, 1000000, "draws of uniform and loguniform axes");
    line.option("--shard", "i/n", shard_,
                "run the i-th of n parts of the jobs; slurm: the part of this task of an array of jobs", false);
    line.flag("--resume", resume_,
              "go on with what FOLDER holds: finished jobs are kept, others go on to the same bits");
    line.flag("--fail-fast", fail_fast_, "a job that fails stops the others");
    line.option("--jobs", "N", jobs_, 0, 1024, "runs at a time; 0: as many as cores");
    ranks_.declare(line, "the jobs, one at a time each");
  }

  int run(const Common& common) override {
    return ranks_.run(common, name(), [this](const Common& own, World* world) { return sweep_here(own, world); });
  }

 private:
  int sweep_here(const Common& common, World* world) {
    const Shard shard = parse_shard(shard_);
    SweepOptions options;
    options.shard = shard.index;
    options.resume = resume_;
    options.fail_fast = fail_fast_;
    options.jobs = static_cast<int>(jobs_);
    options.command = common.command;
    options.world = world;
    if (world != nullptr && (jobs_ > 0 || shard.index > 0))
      throw Error(Exit::usage, "--ranks",
                  std::string("got it with ") + (jobs_ > 0 ? "--jobs" : "--shard") +
                      ": each rank runs one job at a time, and they share all jobs. Leave it out.");
    const SweepPlan plan = make_plan(shard);
    const StopOnSignal stop;
    const Sweep sweep = [&] {
      Progress progress(progress_options(common));
      const ShownSetUp set_up(progress);
      SweepOptions shown = options;
      shown.observer = &progress;
      return run_sweep(plan, out_, shown);
    }();
    if (!prints(world)) return 0;
    const SweepSummary summary = summarise(sweep);
    print(common.json ? summary_json(sweep, summary) : summary_text(sweep, summary));
    if (StopOnSignal::asked() && sweep.stopped) {
      if (!common.quiet && !common.json) print_error("note: interrupted; --resume goes on.");
      return static_cast<int>(Exit::interrupted);
    }
    return static_cast<int>(code_of(sweep, shard));
  }

  /// From the command line, or from the folder with --resume and no CONFIG.
  SweepPlan make_plan(const Shard& shard) const {
    const bool begun = std::filesystem::exists(out_ + "/sweep.json");
    if (config_.empty()) {
      if (!resume_) throw Error(Exit::usage, "chronograd sweep", "CONFIG is required. See chronograd sweep --help.");
      SweepPlan plan = read_plan(out_);
      if (shard.index > 0 && shard.count != plan.shards)
        throw Error(Exit::usage, "--shard",
                    "got \"" + shard_ + "\", but this sweep is cut into " + std::to_string(plan.shards) + ".");
      return plan;
    }
    SweepRequest request;
    request.config_name = config_;
    request.config_text = Config::read(config_, changes()).text();
    request.words = words_;
    request.data_file = data_;
    request.parameters_file = parameters_;
    request.seeds = parse_seeds(seeds_);
    request.samples = samples_;
    SweepPlan plan = plan_of(request);
    plan.shards = shard.index > 0 ? shard.count : (begun && resume_ ? read_plan(out_).shards : 1);
    return plan;
  }

  /// The words that are no axes.
  std::vector<std::string> changes() const {
    std::vector<std::string> words;
    std::copy_if(words_.begin(), words_.end(), std::back_inserter(words),
                 [](const auto& word) { return !is_axis(word); });
    return words;
  }

  /// Of the jobs of this process: failed, or all diverged.
  static Exit code_of(const Sweep& sweep, const Shard& shard) {
    int mine = 0, diverged = 0;
    for (const SweepJob& job : sweep.jobs) {
      if (shard.index > 0 && job.number % shard.count != shard.index - 1) continue;
      const JobStatus status = sweep.records[static_cast<std::size_t>(job.number)].status;
      if (status == JobStatus::failed) return Exit::failed;
      ++mine;
      diverged += status == JobStatus::diverged;
    }
    return mine > 0 && diverged == mine ? Exit::diverged : Exit::done;
  }

  std::string config_, data_, parameters_, out_, seeds_ = "0", shard_;
  std::vector<std::string> words_;
  RankWords ranks_;
  std::int64_t samples_ = 0, jobs_ = 0;
  bool resume_ = false, fail_fast_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_sweep_verb() {
  return std::make_unique<SweepVerb>();
}

}  // namespace chronograd
