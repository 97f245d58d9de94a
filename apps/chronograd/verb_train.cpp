// SPDX-License-Identifier: Apache-2.0
// chronograd train: one run, recorded in a folder.
#include <cmath>
#include <cstdio>
#include <memory>

#include "chronograd/error.hpp"
#include "experiment.hpp"
#include "output.hpp"
#include "reporting/environment.hpp"
#include "reporting/run_directory.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

std::string line_of(const Metrics& metrics) {
  char text[160];
  std::snprintf(text, sizeof text, "update %lld  loss %.5g", static_cast<long long>(metrics.update), metrics.loss);
  std::string line = text;
  if (std::isfinite(metrics.accuracy)) {
    std::snprintf(text, sizeof text, "  accuracy %.4f", metrics.accuracy);
    line += text;
  }
  std::snprintf(text, sizeof text, "  lr %.3g  %.1f s", metrics.rate, metrics.seconds);
  return line + text;
}

std::string verdict(const RunResult& result, const std::string& folder) {
  char text[200];
  std::snprintf(text, sizeof text, "%s after %lld updates: loss %.5g", name_of(result.status),
                static_cast<long long>(result.updates), result.train.loss);
  std::string line = text;
  if (std::isfinite(result.test.loss)) {
    std::snprintf(text, sizeof text, ", test loss %.5g", result.test.loss);
    line += text;
  }
  if (std::isfinite(result.test.accuracy)) {
    std::snprintf(text, sizeof text, ", test accuracy %.4f", result.test.accuracy);
    line += text;
  }
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
    std::unique_ptr<RunDirectory> folder;
    options.notes = &notes;
    options.keep_going = [](std::int64_t) { return !StopOnSignal::asked(); };
    // The folder is made when the run has been found to make sense, not before.
    options.on_start = [&] {
      folder = std::make_unique<RunDirectory>(out_, config, environment_json(experiment_.files(config)));
      if (!common.quiet)
        for (const std::string& note : notes) print_error("note: " + note);
    };
    options.on_report = [&](const Metrics& metrics) {
      folder->append(metrics, config.table("watch").words("rules"));
      if (!common.quiet && !common.json) {
        print(line_of(metrics) + "\n");
        flush_output();
      }
    };
    const RunResult result = train(config, *task, options);
    folder->finish(result);
    if (common.json)
      print(summary_json(result));
    else
      print(verdict(result, out_));
    if (result.status == RunResult::Status::diverged) return static_cast<int>(Exit::diverged);
    return static_cast<int>(result.status == RunResult::Status::stopped ? Exit::interrupted : Exit::done);
  }

 private:
  Experiment experiment_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Verb> make_train_verb() {
  return std::make_unique<Train>();
}

}  // namespace chronograd
