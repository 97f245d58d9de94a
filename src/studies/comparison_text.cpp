// SPDX-License-Identifier: Apache-2.0
// A comparison for people, and as JSON.
#include <algorithm>
#include <cmath>

#include "base/json.hpp"
#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "figures/numbers.hpp"
#include "figures/screen.hpp"
#include "runs/run_directory.hpp"
#include "studies/cautions.hpp"
#include "studies/comparison.hpp"

namespace chronograd {
namespace {

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json path_or_null(const std::string& path) {
  return path.empty() ? Json(nullptr) : Json(path);
}

/// "-" for what no run measured.
std::string mean_text(const Estimate& estimate) {
  return std::isfinite(estimate.mean) ? estimate_text(estimate) : "-";
}

std::string note_of(const ComparisonRow& row, const Comparison& comparison) {
  std::vector<std::string> notes;
  std::int64_t steps = 0;
  bool unmeasured = false;
  for (const RunResult& run : row.runs) {
    if (run.status != RunResult::Status::done) continue;
    steps = std::max(steps, run.steps);
    unmeasured = unmeasured || !run.score().measured();
  }
  if (row.diverged > 0)
    notes.push_back(std::to_string(row.diverged) + " of " + std::to_string(row.runs.size()) + " diverged");
  if (unmeasured) notes.emplace_back("no step counts");
  if (const Reference* floor = comparison.floor(); floor != nullptr)
    if (const std::string note = nothing_learnt(row.loss.mean, *floor, steps); !note.empty()) notes.push_back(note);
  return joined(notes);
}

/// The data that the losses are means over. Of training the same for all rules, unless their budgets differ.
std::string data_text(const Comparison& comparison) {
  if (comparison.loss_on == "test") return "on test data";
  if (comparison.loss_on == "validation") return "on validation data, of the weights that were best there";
  AmountOfData counted;
  for (const ComparisonRow& row : comparison.rows)
    for (const RunResult& run : row.runs)
      if (run.status == RunResult::Status::done && run.train.measured()) counted.add(run.train.steps);
  if (counted.most == 0) return "of training";
  return "over the last " + std::to_string(counted.least) +
         (counted.least == counted.most ? "" : " to " + std::to_string(counted.most)) + " steps that count";
}

}  // namespace

std::string comparison_text(const Comparison& comparison) {
  const bool nets = !comparison.rows.empty() && comparison.rows.front().method.table == "interface";
  std::vector<std::vector<std::string>> cells = {{nets ? "interface" : "rule", comparison.loss_on + " loss"}};
  if (comparison.classes) cells[0].push_back("accuracy");
  const std::string unit = nets ? "us/sample" : "us/step", memory = nets ? "memory" : "rule memory";
  for (const std::string& head : {unit, std::string("CPU"), memory}) cells[0].push_back(head);
  if (!nets) cells[0].emplace_back("cosine");
  cells[0].emplace_back("note");
  for (const ComparisonRow& row : comparison.rows) {
    std::vector<std::string> cell = {row.method.word, mean_text(row.loss)};
    if (comparison.classes) cell.push_back(mean_text(row.accuracy));
    cell.push_back(formatted("{:.3g}", row.us_per_step));
    cell.push_back(formatted("{:.3g}", row.us_per_step_cpu));
    cell.push_back(bytes_text(static_cast<double>(row.rule_bytes)));
    if (!nets) cell.push_back(formatted("{:.3f}", row.cosine));
    cell.push_back(note_of(row, comparison));
    cells.push_back(cell);
  }
  std::string text = (comparison.untuned.empty() ? "" : comparison.untuned + "\n\n") + table_text(cells);
  if (!comparison.references.empty())
    text += "to compare the loss with: " + references_text(comparison.references) + "\n";
  text +=
      "loss: mean a weighted step, " + data_text(comparison) + ", ± 95 % interval over " +
      std::to_string(comparison.seeds.size()) + " seed(s), diverged runs left out; " +
      (nets ? "us/sample: training time of a sample,\none thread, nothing else at work, median; CPU: the same without "
              "waiting for a processor; memory: what interfaces keep.\n"
            : "us/step: training time a step\nand stream, one thread, nothing else at work, median; CPU: the same "
              "without "
              "waiting for a processor; rule memory: what the rule\nkeeps for all streams; cosine: with the exact "
              "gradient, mean along the first seed's trajectory.\n");
  for (const std::string& warning : comparison.warnings) text += "warning: " + warning + "\n";
  return text;
}

std::string comparison_json(const Comparison& comparison) {
  Json json = {{"seeds", comparison.seeds},
               {"jobs", comparison.jobs},
               {"stopped", comparison.stopped},
               {"loss_on", comparison.loss_on}};
  json["references"] = Json::object();
  for (const Reference& reference : comparison.references) json["references"][reference.name] = reference.value;
  json["floor"] = comparison.floor() != nullptr ? Json(comparison.floor()->name) : Json(nullptr);
  json["rules"] = Json::array();
  for (const ComparisonRow& row : comparison.rows) {
    Json item = {{"rule", row.method.word},
                 {"loss", number(row.loss.mean)},
                 {"loss_half_width", number(row.loss.half_width)},
                 {"accuracy", number(row.accuracy.mean)},
                 {"accuracy_half_width", number(row.accuracy.half_width)},
                 {"us_per_step", number(row.us_per_step)},
                 {"us_per_step_cpu", number(row.us_per_step_cpu)},
                 {"rule_bytes", row.rule_bytes},
                 {"cosine", number(row.cosine)},
                 {"diverged", row.diverged},
                 {"runs", Json::array()}};
    for (std::size_t i = 0; i < row.runs.size(); ++i) {
      Json run = {{"seed", comparison.seeds[i]}, {"directory", path_or_null(row.directories[i])}};
      run.update(Json::parse(summary_json(row.runs[i])));
      item["runs"].push_back(run);
    }
    item["watched"] = path_or_null(row.watched);
    json["rules"].push_back(item);
  }
  json["warnings"] = comparison.warnings;
  if (!comparison.untuned.empty()) json["warnings"].prepend(comparison.untuned);
  return json.dump(2) + "\n";
}

void require_same_comparison(const std::string& path, const std::string& begun, const Comparison& comparison) {
  std::vector<std::string> rules, now;
  std::vector<std::uint64_t> seeds;
  try {
    const Json json = json_of(begun);
    for (const Json& seed : json.at("seeds")) seeds.push_back(whole_number_in<std::uint64_t>(seed));
    for (const Json& rule : json.at("rules")) rules.push_back(rule.at("rule").get<std::string>());
  } catch (const JsonError&) {
    throw Error(Exit::data, path, "is not the record of a comparison: it was cut or edited. Give another --out.");
  }
  for (const ComparisonRow& row : comparison.rows) now.push_back(row.method.word);
  const std::string other = seeds != comparison.seeds ? "seeds" : rules != now ? "rules" : "";
  if (!other.empty())
    throw Error(Exit::usage, path,
                "is about other " + other + ". A comparison goes on as it began; give another --out for a new one.");
}

}  // namespace chronograd
