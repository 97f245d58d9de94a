// SPDX-License-Identifier: Apache-2.0
// chronograd stream: a network that predicts and learns on lines of numbers as they come. docs/stream.md
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/train.hpp"
#include "files/mapping.hpp"
#include "files/npz.hpp"
#include "output.hpp"
#include "runs/run_files.hpp"
#include "stop_on_signal.hpp"
#include "streaming/stream.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

/// Only predictions are wanted: any rule will do, also in place of one that needs the end of a row.
Config forward_alone(const Config& config) {
  const auto& rule = find_record<RuleRecord>("rule.name", config.table("rule").word("name"));
  if (rule.segments != Segments::row && config.table("update").integer("every") > 0) return config;
  return config.with({"rule.name=immediate", "update.every=1"});
}

class StreamVerb final : public Verb {
 public:
  const char* name() const override { return "stream"; }
  const char* summary() const override { return "predicts and learns on lines of numbers as they come"; }

  void declare(CommandLine& line) override {
    line.argument("CONFIG|RUN", from_, "configuration file (TOML), or the folder of a run to go on from");
    line.arguments("key=value", changes_, "changes to it, as rule.name=rflo");
    line.option("--inputs", "n", inputs_, 1, 1000000, "numbers a line that are inputs; else as many as the task has");
    line.option("--outputs", "m", outputs_, 1, 1000000,
                "numbers a line that are targets; else as many as the task has");
    line.option("--delay", "D", delay_, 0, 1000000000, "the targets of a line are those of the line D lines before");
    line.option("--format", "csv|f32", format_, "lines of text, or records of n + m float32");
    line.flag("--no-learn", no_learn_, "predictions alone");
    line.option("--state", "FILE.npz", options_.state,
                "read at the start where it is there, written at the end and at Ctrl-C or SIGTERM");
    line.option("--scale", "running", scale_, "inputs to mean 0 and deviation 1 of all so far");
  }

  int run(const Common& common) override {
    for (const auto& [option, value, allowed] :
         {std::tuple{"--format", format_, std::vector<std::string>{"csv", "f32"}},
          {"--scale", scale_, {"", "running"}}})
      if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
        throw Error(Exit::usage, option,
                    "got " + value + ", allowed is " + (allowed[0].empty() ? allowed[1] : joined(allowed)) + ".");
    options_.binary = format_ == "f32";
    options_.scale = !scale_.empty();
    options_.learn = !no_learn_;
    options_.delay = static_cast<int>(delay_);
    std::vector<std::string> notes;
    const StopOnSignal stop;
    const Config config = read(&notes);
    StreamEnds ends;
    ends.file = STDIN_FILENO;
    ends.write = [](const std::string& text) {
      print(text);
      return flush_output();
    };
    ends.stop = [] { return StopOnSignal::asked(); };
    if (!common.quiet)
      for (const std::string& note : notes) print_error("note: " + note);
    StopOnSignal::begin();
    const StreamResult result = run_stream(config, options_, ends);
    if (common.json || !common.quiet) print_error(common.json ? json_of(result) : words_of(result));
    if (result.diverged)
      print_error("[stdin] a number became NaN or infinite after " + std::to_string(result.steps) +
                  " steps: the learning rate is too large, or inputs are. optimizer.clip=1 and --scale running help." +
                  (options_.state.empty() ? "" : " The state in " + options_.state + " is that of the start."));
    return static_cast<int>(result.diverged ? Exit::diverged : result.stopped ? Exit::interrupted : Exit::done);
  }

 private:
  /// The configuration, and of the options the sizes and the parameters to begin with.
  Config read(std::vector<std::string>* notes) {
    const bool run = std::filesystem::is_directory(from_);
    Config config = run ? read_run_config(from_) : Config::read(from_, changes_);
    if (run && !changes_.empty()) config = config.with(changes_);
    if (run) {
      parameters_ = read_arrays(from_ + "/params.npz");
      options_.parameters = &*parameters_;
      if (!mapping_in(*parameters_).empty())
        notes->push_back(
            "[" + from_ +
            "] its data were mapped (scaled, or named classes); a stream's numbers are taken as they are.");
    }
    if (inputs_ == 0 || outputs_ == 0) {
      if (!config.has("task") && !config.has("data"))
        throw Error(Exit::usage, inputs_ == 0 ? "--inputs" : "--outputs",
                    "is missing, and " + from_ + " has no [task] or [data] that would say how many there are.");
      const std::unique_ptr<Task> task = make_task(config, "", options_.parameters);
      if (inputs_ == 0) inputs_ = task->inputs();
      if (outputs_ == 0) outputs_ = task->outputs();
    }
    options_.inputs = static_cast<int>(inputs_);
    options_.outputs = static_cast<int>(outputs_);
    return no_learn_ ? forward_alone(config) : config;
  }

  static std::string json_of(const StreamResult& result) {
    return fmt::format(R"({{"steps": {}, "targets": {}, "updates": {}, "loss": {}, "gone_on": {}}})", result.steps,
                       result.targets, result.updates, json_number(result.loss), result.gone_on);
  }
  std::string words_of(const StreamResult& result) const {
    std::string text = fmt::format("{} steps, {} targets, {} updates", result.steps, result.targets, result.updates);
    if (result.targets > 0) text += fmt::format(", mean loss {:.6g}", result.loss);
    if (result.gone_on) text += ", from " + options_.state;
    return text;
  }

  std::string from_, format_ = "csv", scale_;
  std::vector<std::string> changes_;
  std::int64_t inputs_ = 0, outputs_ = 0, delay_ = 0;
  bool no_learn_ = false;
  std::optional<Arrays> parameters_;
  StreamOptions options_;
};

}  // namespace

std::unique_ptr<Verb> make_stream_verb() {
  return std::make_unique<StreamVerb>();
}

}  // namespace chronograd
