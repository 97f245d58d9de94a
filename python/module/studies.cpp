// SPDX-License-Identifier: Apache-2.0
// Several runs side by side, and what is checked of rules.
#include <pybind11/stl.h>

#include <memory>
#include <utility>

#include "arrays.hpp"
#include "chronograd/check.hpp"
#include "chronograd/compare.hpp"
#include "chronograd/sweep.hpp"
#include "configuration.hpp"
#include "parts.hpp"
#include "raised.hpp"
#include "rows.hpp"
#include "work.hpp"

namespace chronograd::python {

py::dict run_dict(RunResult&& result);  // runs.cpp

namespace {

/// A keyword that may be None, for a value that has a default.
template <class T>
void take(const py::dict& options, const char* key, T& target) {
  if (options.contains(key)) target = options[key].cast<T>();
}

py::list job_list(const Watcher& watcher) {
  py::list jobs;
  for (const Watcher::Job& job : watcher.jobs()) jobs.append(py::make_tuple(job.name, job.seed, job.metrics));
  return jobs;
}

py::dict compare_methods(const Configuration& configuration, const std::vector<std::string>& words,
                         const std::vector<std::uint64_t>& seeds, const Rows& rows, const py::object& parameters,
                         const py::dict& settings, const py::object& on_metrics, const py::object& on_progress) {
  const Arrays arrays = parameters.is_none() ? Arrays{} : to_arrays(parameters.cast<py::dict>());
  Work work;
  Watcher watcher(
      work, {on_metrics.is_none() ? py::object() : on_metrics, on_progress.is_none() ? py::object() : on_progress});
  ComparisonOptions options;
  options.task = rows.given ? rows.task.get() : nullptr;
  options.parameters = parameters.is_none() ? nullptr : &arrays;
  options.observer = &watcher;
  take(settings, "folder", options.folder);
  take(settings, "resume", options.resume);
  take(settings, "alignment", options.alignment);
  take(settings, "times", options.times);
  take(settings, "jobs", options.jobs);
  options.command = {"python"};
  const std::vector<Method> methods = parse_methods("rules", words);
  Comparison comparison;
  work.go([&] { comparison = compare(configuration.config, methods, seeds, options); }, [&] { watcher.tick(); });
  py::dict result;
  result["json"] = comparison_json(comparison);
  result["text"] = comparison_text(comparison);
  result["jobs"] = job_list(watcher);
  result["notes"] = watcher.notes();
  py::list all;
  for (ComparisonRow& row : comparison.rows) {
    py::list runs;
    for (RunResult& run : row.runs) runs.append(run_dict(std::move(run)));
    all.append(py::make_tuple(row.method.word, runs));
  }
  result["rows"] = all;
  return result;
}

py::dict sweep_settings(const Configuration& configuration, const std::vector<std::string>& axes,
                        const std::vector<std::uint64_t>& seeds, const py::dict& settings,
                        const py::object& on_progress) {
  Work work;
  Watcher watcher(work, {py::object(), on_progress.is_none() ? py::object() : on_progress});
  SweepRequest request;
  request.config_name = configuration.name;
  request.config_text = configuration.config.text();
  request.words = configuration.changes;
  request.words.insert(request.words.end(), axes.begin(), axes.end());
  request.seeds = seeds;
  take(settings, "data", request.data_file);
  take(settings, "params", request.parameters_file);
  take(settings, "samples", request.samples);
  take(settings, "folder", request.folder);
  take(settings, "resume", request.resume);
  take(settings, "fail_fast", request.fail_fast);
  take(settings, "jobs", request.jobs);
  request.command = {"python"};
  request.observer = &watcher;
  SweepOutcome outcome;
  work.go([&] { outcome = run_sweep(request); }, [&] { watcher.tick(); });
  py::dict result;
  result["json"] = outcome.json;
  result["text"] = outcome.text;
  result["stopped"] = outcome.stopped;
  result["notes"] = watcher.notes();
  return result;
}

py::list row_list(const std::vector<CheckRow>& rows) {
  py::list list;
  for (const CheckRow& row : rows) {
    py::dict item;
    item["rule"] = row.rule;
    item["cell"] = row.cell;
    item["problem"] = row.problem;
    item["quantity"] = row.quantity;
    item["seed"] = row.seed;
    item["error"] = row.error;
    item["tolerance"] = row.tolerance;
    item["passed"] = row.passed;
    item["cosine"] = row.cosine;
    item["detail"] = row.detail;
    list.append(item);
  }
  return list;
}

py::list check_entries(const std::vector<std::string>& rules, const std::vector<std::string>& cells, int seeds) {
  Work work;
  Watcher watcher(work, {});
  std::vector<CheckRow> rows;
  work.go([&] { rows = check_rules({.rules = rules, .cells = cells, .seeds = seeds, .observer = &watcher}); }, nullptr);
  return row_list(rows);
}

py::list check_configuration(const Configuration& configuration, int seeds) {
  Work work;
  Watcher watcher(work, {});
  std::vector<CheckRow> rows;
  work.go([&] { rows = check_config(configuration.config, seeds, 0, &watcher); }, nullptr);
  return row_list(rows);
}

py::list laws(const std::string& rule, const std::string& cell, int layers, const std::vector<std::string>& options,
              std::uint64_t seed) {
  std::vector<Law> kept;
  const auto& record = find_record<RuleRecord>("rule", rule);
  Work work;
  Watcher watcher(work, {});
  work.go(
      [&] {
        const Raised::Here thrown_at_once(nullptr);
        kept = check_laws(record,
                          {.cell = cell, .layers = layers, .options = options, .seed = seed, .observer = &watcher});
      },
      nullptr);
  py::list list;
  for (const Law& law : kept) {
    py::dict item;
    item["name"] = law.name;
    item["text"] = law.text;
    item["verdict"] = law.verdict == Law::Verdict::kept     ? "kept"
                      : law.verdict == Law::Verdict::broken ? "broken"
                                                            : "not applicable";
    item["measured"] = law.measured;
    item["tolerance"] = law.tolerance;
    item["why"] = law.why;
    list.append(item);
  }
  return list;
}

}  // namespace

void add_studies(py::module_& module) {
  module.def("compare", compare_methods);
  module.def("sweep", sweep_settings);
  module.def("check_rules", check_entries);
  module.def("check_config", check_configuration);
  module.def("check_laws", laws);
}

}  // namespace chronograd::python
