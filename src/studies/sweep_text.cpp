// SPDX-License-Identifier: Apache-2.0
// A sweep's summary for people and for programs.
#include <algorithm>
#include <cmath>

#include "base/json_value.hpp"
#include "figures/numbers.hpp"
#include "figures/screen.hpp"
#include "studies/sweep_summary.hpp"

namespace chronograd {
namespace {

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

std::string note_of(const SweepRow& row) {
  std::string text;
  const auto add = [&](int count, const char* what) {
    if (count > 0)
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " of " +
              std::to_string(row.done + row.diverged + row.failed + row.open) + " " + what;
  };
  add(row.diverged, "diverged");
  add(row.failed, "failed");
  add(row.open, "not run");
  add(row.done - row.loss.count, "without a loss: no step counts");
  if (row.floor.floor)
    if (const std::string note = nothing_learnt(row.loss.mean, row.floor, 0); !note.empty())
      text += (text.empty() ? "" : ", ") + note;
  return text;
}

std::string best_table(const Sweep& sweep, const SweepSummary& summary) {
  const std::vector<SweepAxis>& axes = sweep.plan.axes;
  std::vector<std::vector<std::string>> cells = {{"best of rule"}};
  for (const SweepAxis& axis : axes)
    if (!names_method(axis.key)) cells[0].push_back(axis.key);
  const bool classes = std::any_of(summary.best.begin(), summary.best.end(),
                                   [&](std::size_t i) { return std::isfinite(summary.rows[i].accuracy.mean); });
  cells[0].emplace_back("loss");
  if (classes) cells[0].emplace_back("accuracy");
  cells[0].emplace_back("note");
  for (const std::size_t i : summary.best) {
    const SweepRow& row = summary.rows[i];
    std::vector<std::string> cell = {row.method.word};
    for (std::size_t a = 0; a < axes.size(); ++a)
      if (!names_method(axes[a].key)) cell.push_back(row.values[a]);
    cell.push_back(estimate_text(row.loss));
    if (classes) cell.push_back(estimate_text(row.accuracy));
    cell.push_back(note_of(row));
    cells.push_back(cell);
  }
  return table_text(cells);
}

/// Rows: the combinations of all other axes; columns: the values of the map's axis; * marks a rule's best.
std::string map_table(const Sweep& sweep, const SweepSummary& summary) {
  const int axis = map_axis(sweep.plan);
  if (axis < 0) return "";
  const auto across = static_cast<std::size_t>(axis);
  const std::vector<std::string>& columns = sweep.plan.axes[across].values;
  std::vector<std::vector<std::string>> cells = {{sweep.plan.axes[across].key}};
  cells[0].insert(cells[0].end(), columns.begin(), columns.end());
  std::vector<std::vector<std::string>> others;
  for (std::size_t i = 0; i < summary.rows.size(); ++i) {
    const SweepRow& row = summary.rows[i];
    std::vector<std::string> other = row.values;
    other[across].clear();
    const auto found = std::find(others.begin(), others.end(), other);
    const auto line = static_cast<std::size_t>(found - others.begin()) + 1;
    if (found == others.end()) {
      others.push_back(other);
      std::string label;
      for (std::size_t a = 0; a < other.size(); ++a)
        if (a != across && (sweep.plan.axes[a].values.size() > 1 || names_method(sweep.plan.axes[a].key)))
          label += (label.empty() ? "" : ", ") +
                   (names_method(sweep.plan.axes[a].key) ? "" : sweep.plan.axes[a].key + "=") + other[a];
      cells.push_back({label.empty() ? row.method.word : label});
      cells.back().resize(columns.size() + 1, "");
    }
    const auto column =
        static_cast<std::size_t>(std::find(columns.begin(), columns.end(), row.values[across]) - columns.begin()) + 1;
    const bool best = std::find(summary.best.begin(), summary.best.end(), i) != summary.best.end();
    const int seeds = row.done + row.diverged + row.failed + row.open;
    std::string text = row.done > 0                         ? formatted("{:.4f}", row.loss.mean)  // - : not measured
                       : row.diverged == seeds              ? "diverged"
                       : row.failed + row.diverged == seeds ? "failed"
                                                            : "not run";
    if (row.done > 0 && row.done < seeds)
      text += " (" + std::to_string(row.done) + " of " + std::to_string(seeds) + ")";
    cells[line][column] = text + (best ? "*" : "");
  }
  return "\nmean loss by " + sweep.plan.axes[across].key + " (* best of its rule)\n" + table_text(cells);
}

}  // namespace

std::string edge_text(const SweepEdge& edge) {
  return edge.method + ": the best " + edge.key + ", " + edge.value + ", is the " +
         (edge.largest ? "largest" : "smallest") + " that was tried. A better one may lie beyond: extend the axis.";
}

std::string summary_text(const Sweep& sweep, const SweepSummary& summary) {
  std::string text = best_table(sweep, summary) + map_table(sweep, summary);
  text +=
      "\nloss: mean ± 95 % interval over " + std::to_string(sweep.plan.seeds.size()) +
      " seed(s), on validation data where there are any, else on test data, else of training\nover the last epoch or "
      "tenth of a run; diverged runs are left out. The best has the fewest runs that diverged, failed or were "
      "not\nrun, "
      "and then the smallest mean loss.\n";
  for (const SweepEdge& edge : summary.edges) text += "warning: " + edge_text(edge) + "\n";
  for (const std::string& warning : summary.warnings) text += "warning: " + warning + "\n";
  if (summary.done > 0 &&
      std::none_of(summary.rows.begin(), summary.rows.end(), [](const SweepRow& row) { return row.loss.count > 0; }))
    text += "no run measured a loss, because no step of its data counts: there is no best\n";
  text += std::to_string(sweep.jobs.size()) + " jobs: " + std::to_string(summary.done) + " done, " +
          std::to_string(summary.diverged) + " diverged, " + std::to_string(summary.failed) + " failed, " +
          std::to_string(summary.open) + " not run\n";
  for (const SweepJob& job : sweep.jobs) {
    const JobRecord& record = sweep.records[static_cast<std::size_t>(job.number)];
    if (record.status == JobStatus::failed)
      text += "failed: job " + std::to_string(job.number) + ", " + sweep.plan.label(job.values) + ", seed " +
              std::to_string(job.seed) + ": " + record.error + "\n";
  }
  return text;
}

std::string summary_json(const Sweep& sweep, const SweepSummary& summary) {
  Json json = {{"jobs", sweep.jobs.size()}, {"done", summary.done},     {"diverged", summary.diverged},
               {"failed", summary.failed},  {"not_run", summary.open},  {"stopped", sweep.stopped},
               {"seeds", sweep.plan.seeds}, {"rows", Json::array()},    {"best", Json::object()},
               {"warnings", Json::array()}, {"failures", Json::array()}};
  for (const SweepRow& row : summary.rows) {
    Json item = {{"rule", row.method.word}, {"values", Json::object()}};
    for (std::size_t a = 0; a < row.values.size(); ++a) item["values"][sweep.plan.axes[a].key] = row.values[a];
    item["loss"] = number(row.loss.mean);
    item["loss_half_width"] = number(row.loss.half_width);
    item["accuracy"] = number(row.accuracy.mean);
    item["accuracy_half_width"] = number(row.accuracy.half_width);
    item["seconds"] = row.seconds;
    item["done"] = row.done;
    item["diverged"] = row.diverged;
    item["failed"] = row.failed;
    item["not_run"] = row.open;
    json["rows"].push_back(item);
  }
  for (const std::size_t i : summary.best) json["best"][summary.rows[i].method.word] = i;
  for (const SweepEdge& edge : summary.edges) json["warnings"].push_back(edge_text(edge));
  for (const std::string& warning : summary.warnings) json["warnings"].push_back(warning);
  for (const SweepJob& job : sweep.jobs) {
    const JobRecord& record = sweep.records[static_cast<std::size_t>(job.number)];
    if (record.status == JobStatus::failed)
      json["failures"].push_back({{"job", job.number}, {"directory", job.directory}, {"error", record.error}});
  }
  return json.dump(2) + "\n";
}

}  // namespace chronograd
