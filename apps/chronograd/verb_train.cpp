// SPDX-License-Identifier: Apache-2.0
// chronograd train: one run, recorded in a folder.
#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "chronograd/dataset.hpp"
#include "chronograd/error.hpp"
#include "experiment.hpp"
#include "output.hpp"
#include "report/sample.hpp"
#include "reporting/environment.hpp"
#include "reporting/run_directory.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

std::string verdict(const RunResult& result, const std::string& folder) {
  std::string line =
      fmt::format("{} after {} updates: loss {:.5g}", name_of(result.status), result.updates, result.train.loss);
  if (std::isfinite(result.test.loss)) line += fmt::format(", test loss {:.5g}", result.test.loss);
  if (std::isfinite(result.test.accuracy)) line += fmt::format(", test accuracy {:.4f}", result.test.accuracy);
  return line + "; recorded in " + folder + "\n";
}

class Train final : public Verb {
 public:
  const char* name() const override { return "train"; }
  const char* summary() const override { return "one run, recorded in a folder"; }

  void declare(CommandLine& line) override {
    experiment_.declare(line, false);
    line.option("--out", "FOLDER", out_, "where the run is recorded", true);
  }

  int run(const Common& common) override {
    std::vector<std::string> notes;
    const Config config = experiment_.read();
    Arrays parameters;
    RunOptions options;
    if (!experiment_.parameters().empty()) {
      parameters = read_arrays(experiment_.parameters(), &notes);
      options.parameters = &parameters;
      options.parameters_name = experiment_.parameters();
    }
    const std::unique_ptr<Task> task = make_task(config, experiment_.data(), options.parameters, &notes);
    const StopOnSignal stop;
    Progress progress(progress_options(common));
    Progress::Job* shown = nullptr;
    std::unique_ptr<RunDirectory> folder;
    options.notes = &notes;
    options.keep_going = [&](const Position& position) {
      progress.at(shown, position);
      return !StopOnSignal::asked();
    };
    // The folder is made when the run has been found to make sense, not before.
    options.on_start = [&] {
      folder = std::make_unique<RunDirectory>(out_, config, environment_json(surroundings(config, *task, common)));
      for (const std::string& note : notes) progress.remark(note);
      shown = progress.start(config.table("rule").word("name"),
                             static_cast<std::uint64_t>(config.table("").integer("seed")));
    };
    options.on_report = [&](const Metrics& metrics) {
      folder->append(metrics, config.table("watch").words("rules"));
      progress.report(shown, metrics);
    };
    const RunResult result = train(config, *task, options);
    write_sample(out_, config, *task, options.parameters, result.parameters);
    folder->finish(result);
    progress.finish(shown, {});
    if (common.json)
      print(summary_json(result));
    else
      print(verdict(result, out_));
    if (result.status == RunResult::Status::diverged) return static_cast<int>(Exit::diverged);
    return static_cast<int>(result.status == RunResult::Status::stopped ? Exit::interrupted : Exit::done);
  }

 private:
  Surroundings surroundings(const Config& config, const Task& task, const Common& common) const {
    std::vector<std::string> files = task.files();
    files.insert(files.begin(), experiment_.parameters());
    auto facts = task.facts();
    for (const char* key : {"train", "test"})
      if (const Options& data = config.table("data"); data.has(key))
        if (const DatasetRecord* dataset = dataset_of(data.word(key)))
          facts.emplace_back("licence of " + data.word(key), std::string(dataset->licence) + "; " + dataset->source);
    return {thread_count(config), common.command, task.summary(), files, facts};
  }

  Experiment experiment_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Verb> make_train_verb() {
  return std::make_unique<Train>();
}

}  // namespace chronograd
