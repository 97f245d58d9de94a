// SPDX-License-Identifier: Apache-2.0
// chronograd compare: the same network, data and seeds under several rules.
#include <algorithm>

#include "chronograd/compare.hpp"
#include "chronograd/error.hpp"
#include "chronograd/rule.hpp"
#include "experiment_words.hpp"
#include "files/npz.hpp"
#include "output.hpp"
#include "over_ranks.hpp"
#include "stop_on_signal.hpp"
#include "studies/best_rates.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

class Compare final : public Verb {
 public:
  const char* name() const override { return "compare"; }
  const char* summary() const override { return "the same network, data and seeds under several rules or interfaces"; }

  void declare(CommandLine& line) override {
    experiment_.declare(line, false);
    line.option(
        "--rules", "A,B(x=1),...", rules_,
        "the rules, with options in parentheses as tbptt(L=7, optimizer.lr=1e-3); of a feed-forward net ([net]) "
        "interfaces, as backprop,\"dni(lambda=0)\"",
        false);
    line.option("--rates-from", "FOLDER", sweep_,
                "a sweep's folder: each rule gets its best optimizer and rule settings; without --rules all its rules",
                false);
    line.option("--seeds", "0..4", seeds_, "seeds, as 0..4 or 0,3,7", false);
    line.option("--out", "FOLDER", out_, "record each run, and the comparison", false);
    line.flag("--resume", resume_,
              "go on with the comparison in FOLDER: finished runs are read, others go on to the same bits");
    line.option("--jobs", "N", jobs_, 0, 1024, "runs at a time; 0: as many as cores");
    ranks_.declare(line, "the runs, one at a time each");
    line.flag("--no-cosine", no_cosine_, "do not measure the cosine with the exact gradient");
  }

  std::vector<std::string> words_for(const std::string& argument, const std::vector<std::string>&) const override {
    return argument == "--rules" ? names_of<RuleRecord>() : std::vector<std::string>();
  }

  int run(const Common& common) override {
    return ranks_.run(common, name(), [this](const Common& own, World* world) { return compare_here(own, world); });
  }

 private:
  int compare_here(const Common& common, World* world) {
    require_ranks_folder(world, out_, jobs_);
    if (resume_ && out_.empty())
      throw Error(Exit::usage, "chronograd compare",
                  "got --resume without --out. Give the folder that is to be gone on with.");
    const Config config = experiment_.read();
    const std::vector<std::uint64_t> seeds = parse_seeds(seeds_);
    std::vector<Method> methods;
    if (!rules_.empty()) methods = parse_methods("--rules", split_list("--rules", rules_), method_table(config));
    ComparisonOptions options;
    if (!sweep_.empty())
      methods = with_best_rates(config, methods, sweep_, seeds, options.warnings);
    else if (methods.empty())
      throw Error(Exit::usage, "chronograd compare",
                  "--rules is required, or --rates-from. See chronograd compare --help.");
    Arrays parameters;
    if (!experiment_.parameters().empty()) {
      parameters = read_arrays(experiment_.parameters());
      options.parameters = &parameters;
      options.parameters_name = experiment_.parameters();
    }
    options.command = common.command;
    options.world = world;
    options.folder = out_;
    options.resume = resume_;
    options.alignment = !no_cosine_;
    options.jobs = static_cast<int>(jobs_);
    const StopOnSignal stop;
    const Comparison comparison = [&] {
      Progress progress(progress_options(common));
      const ShownSetUp set_up(progress);
      ComparisonOptions shown = options;
      shown.observer = &progress;
      return compare(config, methods, seeds, shown);
    }();
    if (!prints(world)) return 0;
    print(common.json ? comparison_json(comparison) : comparison_text(comparison));
    if (comparison.stopped) {
      if (!common.quiet && !common.json && !out_.empty())
        print_error("note: interrupted; the same command with --resume goes on.");
      return static_cast<int>(Exit::interrupted);
    }
    const bool all_diverged = std::all_of(comparison.rows.begin(), comparison.rows.end(), [](const ComparisonRow& row) {
      return row.diverged == static_cast<int>(row.runs.size());
    });
    return static_cast<int>(all_diverged ? Exit::diverged : Exit::done);
  }

  ExperimentWords experiment_;
  std::string rules_, sweep_, out_, seeds_ = "0";
  RankWords ranks_;
  std::int64_t jobs_ = 0;
  bool no_cosine_ = false, resume_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_compare_verb() {
  return std::make_unique<Compare>();
}

}  // namespace chronograd
