// SPDX-License-Identifier: Apache-2.0
// chronograd eval: loss and further measures of a run's parameters, and what the network does at each step.
#include <fmt/format.h>

#include <cmath>

#include "base/json_value.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/train.hpp"
#include "decoupled/doors.hpp"
#include "figures/screen.hpp"
#include "files/mapping.hpp"
#include "files/npz.hpp"
#include "output.hpp"
#include "runs/run_files.hpp"
#include "studies/measures_text.hpp"
#include "training/checkpoint.hpp"
#include "training/data.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

class Eval final : public Verb {
 public:
  const char* name() const override { return "eval"; }
  const char* summary() const override { return "loss and further measures of a run's parameters"; }

  void declare(CommandLine& line) override {
    line.argument("RUN", run_, "folder of a run");
    line.option("--data", "FILE", data_, "data to judge, all of them, instead of the run's test data");
    line.option("--out", "FILE.npz", out_, "where outputs y, states h, losses, targets and mask of each step go");
    line.flag("--checkpoint", checkpoint_, "the newest checkpoint instead of the final parameters");
  }

  int run(const Common& common) override {
    Remarks remarks;
    std::vector<std::string>& notes = remarks.texts;
    const Config config = read_run_config(run_);
    const Checkpoints::Found found = parameters(remarks);
    const auto& [path, arrays] = found;
    Arrays beside = mapping_in(arrays);  // there are as many classes as the network was made for
    if (checkpoint_)
      beside.emplace("W_out",
                     Array::of({static_cast<std::size_t>(Checkpoints::outputs_of(found)), 0}, std::vector<double>()));
    if (data_.empty() && config.has("data")) require_run_data(run_, config);
    const std::unique_ptr<Task> task = make_task(config, data_, checkpoint_ ? &beside : &arrays, &notes);
    if (data_.empty() && !config.has("data")) require_run_data(run_, config, task.get());
    if (const std::vector<std::string> fitted = fitted_anew(*task, arrays); !data_.empty() && !fitted.empty())
      throw Error(Exit::data, path,
                  "does not say how the training data were mapped to inputs and targets (" + joined(fitted) +
                      "): an earlier version wrote it. Allowed is the run's own test data, without --data; or train "
                      "the run again.");
    const Split split = data_.empty() ? Split::test : Split::train;
    if (task->rows(split) < 0) throw Error(Exit::usage, run_, "this run has no test data. Give --data FILE.");
    Measures measures;
    Arrays outputs;
    const Score score =
        evaluate_run(config, *task, split, arrays, path, checkpoint_, &measures, out_.empty() ? nullptr : &outputs);
    if (!score.measured())
      notes.push_back("[" + (data_.empty() ? data_name(config, split) : data_) +
                      "] no step of these data counts: every weight is 0 (mask). There is no loss.");
    const Exit exit = score.measured() && !std::isfinite(score.loss) ? Exit::diverged : Exit::done;
    const bool written = exit == Exit::done && !out_.empty();
    if (written) write_npz(out_, outputs);
    if (!written && !out_.empty())
      notes.push_back("[" + out_ + "] was not written: the loss is not finite, and so are some of these numbers.");
    if (!common.quiet)
      for (const std::string& note : notes) print_error("note: " + note);
    if (common.json) {
      Json json = {{"parameters", path}, {"data", task->summary()}};
      json.update(Json::parse(test_json(score, measures)));
      if (written) json["out"] = out_;
      print(json.dump() + "\n");
    } else {
      std::string line = "loss " + formatted("{:.6g}", score.loss);
      if (std::isfinite(score.accuracy)) line += fmt::format(", accuracy {:.4f}", score.accuracy);
      print(line + measures_words(measures) + "; " + path + " on " + task->summary() +
            (written ? "; outputs in " + out_ : "") + "\n" + measures_table(measures, class_names(*task)));
    }
    return static_cast<int>(exit);
  }

 private:
  Checkpoints::Found parameters(Observer& observer) const {
    if (!checkpoint_) {
      const std::string path = run_ + "/params.npz";
      return {path, read_arrays(path)};
    }
    std::optional<Checkpoints::Found> found = Checkpoints(checkpoint_folder(run_)).newest(observer);
    if (!found) throw Error(Exit::data, run_, "there is no checkpoint that can be read in this folder.");
    return std::move(*found);
  }

  std::string run_, data_, out_;
  bool checkpoint_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_eval_verb() {
  return std::make_unique<Eval>();
}

}  // namespace chronograd
