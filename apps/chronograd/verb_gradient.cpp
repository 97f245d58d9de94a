// SPDX-License-Identifier: Apache-2.0
// chronograd gradient: the gradient of a file of rows under frozen weights, by any rule.
#include "chronograd/error.hpp"
#include "chronograd/gradient.hpp"
#include "chronograd/method.hpp"
#include "chronograd/train.hpp"
#include "experiment_words.hpp"
#include "files/npz.hpp"
#include "output.hpp"
#include "stop_on_signal.hpp"
#include "training/data.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

/// Keeps remarks for later.
class Later final : public Relay {
 public:
  Later(Observer& to, std::vector<std::string>& notes) : Relay(to), notes_(notes) {}
  void remarked(const std::string& text) override { notes_.push_back(text); }

 private:
  std::vector<std::string>& notes_;
};

class Gradient final : public Verb {
 public:
  const char* name() const override { return "gradient"; }
  const char* summary() const override { return "the gradient of a file of data under frozen weights"; }

  void declare(CommandLine& line) override {
    experiment_.declare(line, true);
    line.option("--out", "FILE.npz", out_, "where the gradient goes", true);
    line.flag("--per-step", request_.per_step,
              "also the gradient that each step adds, grad_t/NAME (past-facing rules, K = 1)");
    line.flag("--states", request_.states,
              "also the states behind h: c of lstm; v, a, threshold and psi of alif; of all layers in stacks");
    line.flag("--inputs", request_.inputs, "also dL/dx and dL/dh0 (exact rules)");
  }

  int run(const Common& common) override {
    std::vector<std::string> notes;  // for after the result
    std::unique_ptr<Task> task;
    const Arrays arrays = [&] {
      const StopOnSignal stop;
      Progress progress(progress_options(common));
      const ShownSetUp set_up(progress);
      const Config config = experiment_.read();
      const Arrays parameters = read_arrays(experiment_.parameters());
      task = make_task(config, "", &parameters, &notes);
      require_counted_steps(config, *task, Observer::or_none(nullptr));
      GradientRequest request = request_;
      const std::unique_ptr<Observer> shown = progress.job(
          "gradient, " + method_name(config), static_cast<std::uint64_t>(config.table("").integer("seed")));
      Later later(*shown, notes);
      request.observer = &later;
      return gradient(config, *task, parameters, experiment_.parameters(), request);
    }();
    write_npz(out_, arrays);
    if (!common.quiet)
      for (const std::string& note : notes) print_error("note: " + note);
    const double loss = arrays.at("loss").at(0);
    if (common.json)
      print("{\"out\": " + json_text(out_) + ", \"loss\": " + json_number(loss) + "}\n");
    else if (!common.quiet)
      print("loss " + json_number(loss) + "; gradient of " + task->summary() + " in " + out_ + "\n");
    return 0;
  }

 private:
  ExperimentWords experiment_;
  std::string out_;
  GradientRequest request_;
};

}  // namespace

std::unique_ptr<Verb> make_gradient_verb() {
  return std::make_unique<Gradient>();
}

}  // namespace chronograd
