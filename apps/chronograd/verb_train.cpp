// SPDX-License-Identifier: Apache-2.0
// chronograd train: one run, recorded in a folder.
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>

#include "base/json_value.hpp"
#include "chronograd/error.hpp"
#include "chronograd/method.hpp"
#include "chronograd/recorded_run.hpp"
#include "experiment_words.hpp"
#include "figures/screen.hpp"
#include "files/npz.hpp"
#include "output.hpp"
#include "over_ranks.hpp"
#include "own_folder.hpp"
#include "runs/run_files.hpp"
#include "stop_on_signal.hpp"
#include "studies/cautions.hpp"
#include "training/remarks.hpp"
#include "verbs.hpp"
#include "worker_words.hpp"

namespace chronograd {
namespace {

/// One line about what a run came to.
std::string verdict(const RunResult& result, const std::string& folder, bool own) {
  std::string line = fmt::format("{} after {} updates", name_of(result.status), result.updates);
  if (result.train.steps >= 0) line += ": loss " + formatted("{:.5g}", result.train.loss);
  if (result.test.steps >= 0) line += ", test loss " + formatted("{:.5g}", result.test.loss);
  if (std::isfinite(result.test.accuracy)) line += fmt::format(", test accuracy {:.4f}", result.test.accuracy);
  if (result.validation && result.validation->update >= 0)
    line += fmt::format("; best validation loss {:.5g} after update {}", result.validation->score.loss,
                        result.validation->update) +
            (result.validation->patience_ended ? " (patience ended the run)" : "");
  line += "; recorded in " + folder;
  if (const Reference* floor = result.floor(); floor != nullptr && result.status == RunResult::Status::done)
    if (const std::string note = nothing_learnt(result.score().loss, *floor, result.steps); !note.empty())
      line += "; " + note;
  if (result.status == RunResult::Status::stopped)
    line += "; the same command with --resume" + (own ? " --out " + folder : "") + " goes on";
  return line + "\n";
}

/// What --json prints: the summary, and where the rest is.
std::string with_folder(const std::string& summary, const std::string& folder) {
  auto json = Json::parse(summary);
  json["folder"] = folder;
  return json.dump(2) + "\n";
}

/// From here on there is something to be stopped in order.
class Beginning final : public Relay {
 public:
  using Relay::Relay;
  void started() override {
    StopOnSignal::begin();
    to().started();
  }
};

class Train final : public Verb {
 public:
  const char* name() const override { return "train"; }
  const char* summary() const override { return "one run, recorded in a folder"; }

  void declare(CommandLine& line) override {
    experiment_.declare(line, false);
    line.option("--out", "FOLDER", out_, "where the run is recorded; else in runs/DATE-NAME, NAME being CONFIG's");
    workers_.declare(line);
    line.flag("--resume", resume_,
              "go on with the run in the folder of --out, to the same bits; begin it if there is none");
    ranks_.declare(line, "the run, stream by stream, to the same bits");
  }

  int run(const Common& common) override {
    if (workers_.ranks()) ranks_.ask();
    return ranks_.run(common, name(), [this](const Common& own, World* world) { return train_here(own, world); });
  }

 private:
  int train_here(const Common& common, World* world) {
    std::vector<std::string> notes;
    if (resume_ && out_.empty())
      throw Error(Exit::usage, "--resume",
                  "got no --out, allowed is a run's folder. Which run is to go on? Its first command printed the "
                  "folder: --out runs/...");
    const StopOnSignal stop;
    Progress progress(progress_options(common));
    const ShownSetUp set_up(progress);
    const Config config = experiment_.read();
    Arrays parameters;
    RunOptions options;
    workers_.set(config, options);
    options.world = world;
    options.timeout = ranks_.timeout();
    if (!experiment_.parameters().empty()) {
      parameters = read_arrays(experiment_.parameters());
      options.parameters = &parameters;
      options.parameters_name = experiment_.parameters();
    }
    const std::unique_ptr<Task> task = make_task(config, "", options.parameters, &notes);
    const std::unique_ptr<Observer> shown =
        progress.job(method_name(config), static_cast<std::uint64_t>(config.table("").integer("seed")));
    for (const std::string& note : notes) shown->remarked(note);
    Beginning beginning(*shown);
    options.observer = &beginning;
    std::optional<OwnFolder> own;
    if (out_.empty()) {
      StopOnSignal::begin();  // a folder is to be removed again
      if (prints(world)) out_ = own.emplace(experiment_.name()).path();
      if (world != nullptr) out_ = world->said(out_);
    }
    const RunResult result = recorded_run(config, *task, {out_, resume_, common.command}, options);
    shown->ended({});
    Waiting waiting;
    waiting.add(result);
    if (const std::string remark = waiting.remark(); !remark.empty()) progress.remarked(remark);
    if (common.json)
      print(with_folder(summary_json(result), out_));
    else if (!common.quiet)
      print(verdict(result, out_, own.has_value()));
    if (result.status == RunResult::Status::diverged) return static_cast<int>(Exit::diverged);
    return static_cast<int>(result.status == RunResult::Status::stopped ? Exit::interrupted : Exit::done);
  }

  ExperimentWords experiment_;
  WorkerWords workers_;
  RankWords ranks_;
  std::string out_;
  bool resume_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_train_verb() {
  return std::make_unique<Train>();
}

}  // namespace chronograd
