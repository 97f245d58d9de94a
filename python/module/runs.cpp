// SPDX-License-Identifier: Apache-2.0
// One run, one gradient, one look at what a network does.
#include <pybind11/stl.h>

#include <utility>

#include "arrays.hpp"
#include "chronograd/evaluate.hpp"
#include "chronograd/gradient.hpp"
#include "chronograd/recorded_run.hpp"
#include "chronograd/train.hpp"
#include "configuration.hpp"
#include "parts.hpp"
#include "rows.hpp"
#include "work.hpp"

namespace chronograd::python {

py::dict run_dict(RunResult&& result) {
  py::dict run;
  run["summary"] = summary_json(result);
  run["seconds"] = result.seconds;
  run["us_per_step"] = us_per_step(result.seconds, result);
  run["us_per_step_cpu"] = us_per_step(result.cpu_seconds, result);
  run["loss"] = result.score().loss;
  run["accuracy"] = result.score().accuracy;
  run["params"] = to_dict(std::move(result.parameters));
  run["credit"] = to_dict(std::move(result.credit));
  return run;
}

namespace {

Listeners listeners(const py::object& metrics, const py::object& progress) {
  return {metrics.is_none() ? py::object() : metrics, progress.is_none() ? py::object() : progress};
}

py::dict train_run(const Configuration& configuration, const Rows& rows, const py::object& parameters,
                   const std::string& folder, bool resume, int threads, const py::object& on_metrics,
                   const py::object& on_progress) {
  const Arrays arrays = parameters.is_none() ? Arrays{} : to_arrays(parameters.cast<py::dict>());
  Work work;
  Watcher watcher(work, listeners(on_metrics, on_progress));
  RunOptions options;
  options.parameters = parameters.is_none() ? nullptr : &arrays;
  options.parameters_name = parameters.is_none() || !folder.empty() ? "" : "params";
  options.threads = threads;
  options.observer = &watcher;
  RunResult result;
  work.go(
      [&] {
        result = folder.empty() ? train(configuration.config, *rows.task, options)
                                : recorded_run(configuration.config, *rows.task, {folder, resume, {"python"}}, options);
      },
      [&] { watcher.tick(); });
  py::dict run = run_dict(std::move(result));
  run["metrics"] = watcher.metrics();
  run["notes"] = watcher.notes();
  return run;
}

py::tuple gradient_of(const Configuration& configuration, const Rows& rows, const py::dict& parameters, bool per_step,
                      bool inputs, bool states) {
  const Arrays arrays = to_arrays(parameters);
  Work work;
  Watcher watcher(work, {});
  GradientRequest request;
  request.per_step = per_step;
  request.inputs = inputs;
  request.states = states;
  request.observer = &watcher;
  Arrays result;
  work.go([&] { result = gradient(configuration.config, *rows.task, arrays, "params", request); }, nullptr);
  return py::make_tuple(to_dict(std::move(result)), watcher.notes());
}

py::dict measures_dict(const Measures& measures) {
  py::dict result;
  if (!measures.mae.empty()) {
    result["mae"] = measures.mae;
    result["r2"] = measures.r2;
  }
  if (measures.classes > 0) {
    result["macro_f1"] = measures.macro_f1;
    if (!measures.confusion.empty())
      result["confusion"] = to_numpy(Array::of({measures.classes, measures.classes}, measures.confusion));
  }
  return result;
}

/// The score of the parameters on a split, what else was measured, and what the network does at each step.
py::tuple outputs_of(const Configuration& configuration, const Rows& rows, const py::dict& parameters,
                     const std::string& split, bool outputs) {
  const Arrays arrays = to_arrays(parameters);
  Work work;
  Watcher watcher(work, {});
  Measures measures;
  Arrays steps;
  Score score;
  work.go(
      [&] {
        score = evaluate(configuration.config, *rows.task, split == "test" ? Split::test : Split::train, arrays,
                         "params", &measures, outputs ? &steps : nullptr, &watcher);
      },
      nullptr);
  py::dict result = measures_dict(measures);
  result["loss"] = score.loss;
  result["accuracy"] = score.accuracy;
  result["steps"] = score.steps;
  return py::make_tuple(result, to_dict(std::move(steps)));
}

}  // namespace

void add_runs(py::module_& module) {
  module.def("train", train_run);
  module.def("gradient", gradient_of);
  module.def("evaluate", outputs_of);
  module.def("read_npz", [](const std::string& path) { return to_dict(read_npz(path)); });
}

}  // namespace chronograd::python
