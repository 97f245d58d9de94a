// SPDX-License-Identifier: Apache-2.0
#include "report/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "chronograd/rule.hpp"
#include "figures/numbers.hpp"
#include "figures/scale.hpp"

namespace chronograd {
namespace {

bool any(const std::vector<RunGroup>& groups, double (*value)(const RunGroup&)) {
  return std::any_of(groups.begin(), groups.end(), [&](const RunGroup& g) { return std::isfinite(value(g)); });
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// What an exact rule would be measured at is known.
std::string cosine_text(const RunGroup& group) {
  if (std::isfinite(group.cosine)) return fmt::format("{:.3f}", group.cosine);
  if (group.runs.front()->setting("rule.influence") == "bf16") return "–";
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    if (group.rule == rule->entry.name && rule->promise == Promise::exact) return "exact";
  return "–";
}

std::string csv_number(double value) {
  return std::isfinite(value) ? fmt::format("{:.9g}", value) : "";
}

}  // namespace

HtmlTable headline_table(const std::vector<RunGroup>& groups, const Criterion& criterion) {
  const bool classes = any(groups, [](const RunGroup& g) { return g.accuracy.mean; });
  const bool cosines = any(groups, [](const RunGroup& g) { return g.cosine; });
  const bool reach = groups.size() > 1 || classes;
  HtmlTable table;
  const bool nets = groups.front().runs.front()->is_net();
  table.head = {nets ? "interface" : "rule", groups.front().loss_name()};
  if (classes) table.head.emplace_back("accuracy");
  if (reach) table.head.push_back((nets ? "updates to " : "steps to ") + criterion.text);
  table.head.insert(table.head.end(), {nets ? "µs a sample" : "µs a step", nets ? "its memory" : "rule's memory"});
  if (cosines) table.head.emplace_back("cosine");
  table.head.emplace_back("seeds");
  for (const RunGroup& group : groups) {
    HtmlTable::Row row;
    row.lead = swatch(group.look);
    row.cells = {group.label, estimate_text(group.loss)};
    if (classes) row.cells.push_back(estimate_text(group.accuracy));
    if (reach) row.cells.push_back(spaced_count(steps_to(criterion, group)));
    row.cells.push_back(readable(group.us_per_step));
    row.cells.push_back(bytes_text(group.rule_bytes));
    if (cosines) row.cells.push_back(cosine_text(group));
    row.cells.push_back(std::to_string(group.runs.size()) +
                        (group.diverged > 0 ? ", " + std::to_string(group.diverged) + " diverged" : "") +
                        (group.not_measured > 0 ? ", " + std::to_string(group.not_measured) + " not measured" : ""));
    table.rows.push_back(row);
  }
  return table;
}

HtmlTable difference_table(const std::vector<RunGroup>& groups) {
  std::map<std::string, std::set<std::string>> values;
  std::set<std::string> keys;
  for (const RunGroup& group : groups)
    for (const auto& [key, value] : group.runs.front()->settings)
      if (key != "seed" && key != "threads" && !key.starts_with("watch.")) keys.insert(key);
  HtmlTable table;
  table.words = true;
  table.head = {"setting"};
  for (const RunGroup& group : groups) table.head.push_back(group.label);
  for (const std::string& key : keys) {
    HtmlTable::Row row;
    row.cells = {key};
    std::set<std::string> seen;
    for (const RunGroup& group : groups) {
      const std::string value = group.runs.front()->setting(key);
      seen.insert(value);
      row.cells.push_back(value.empty() ? "–" : short_setting(value));
    }
    if (seen.size() > 1) table.rows.push_back(row);
  }
  return table;
}

HtmlTable environment_table(const std::vector<RunGroup>& groups) {
  struct Field {
    const char* key;
    const char* name;
  };
  constexpr Field fields[] = {{"version", "chronograd"},
                              {"compiler", "compiler"},
                              {"assertions", "assertions"},
                              {"instruction_set", "instruction set"},
                              {"products", "matrix products"},
                              {"processor", "processor"},
                              {"cores", "cores"},
                              {"system", "system"},
                              {"threads", "threads a run"}};
  HtmlTable table;
  table.words = true;
  table.head = {"what", "value"};
  const auto add = [&](const std::string& name, const std::set<std::string>& values) {
    std::string text;
    for (const std::string& value : values) text += (text.empty() ? "" : "; ") + value;
    if (!text.empty()) table.rows.push_back({"", {name, text}});
  };
  for (const Field& field : fields) {
    std::set<std::string> values;
    for (const RunGroup& group : groups)
      for (const RunRecord* run : group.runs)
        if (const std::string value = run->surrounding(field.key); !value.empty()) values.insert(value);
    add(field.name, values);
  }
  std::set<std::string> tasks, hashes;
  std::map<std::string, std::set<std::string>> facts;
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.runs) {
      if (const std::string task = run->surrounding("task"); !task.empty()) tasks.insert(task);
      for (const auto& [key, value] : run->environment)
        if (key.starts_with("data/"))
          hashes.insert(key.substr(5) + ": SHA-256 " + run->surrounding(key));
        else if (key.starts_with("facts/"))
          facts[key.substr(6)].insert(run->surrounding(key));
    }
  add("data", tasks);
  for (const std::string& hash : hashes) table.rows.push_back({"", {"data file", hash}});
  for (const auto& [name, values] : facts) add(name, values);
  return table;
}

std::string runs_csv(const std::vector<RunGroup>& groups) {
  std::set<std::string> fields;
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.all())
      for (const auto& [field, value] : run->summary) fields.insert(field);
  std::string text = "run,label,rule,seed,status";
  for (const std::string& field : fields) text += "," + csv_field(field);
  text += "\n";
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.all()) {
      text += csv_field(run->path) + "," + csv_field(group.label) + "," + csv_field(group.rule) + "," +
              csv_field(run->setting("seed")) + "," + csv_field(run->status);
      for (const std::string& field : fields) text += "," + csv_number(run->number(field));
      text += "\n";
    }
  return text;
}

std::string lines_csv(const std::vector<RunGroup>& groups, std::size_t most_bytes, bool& thinned) {
  std::set<std::string> fields;
  std::size_t lines = 0;
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.all()) {
      for (const auto& [field, column] : run->lines) fields.insert(field);
      lines += run->line("update").size();
    }
  const std::size_t bytes = lines * (24 + 9 * fields.size());
  const std::size_t every = 1 + bytes / most_bytes;
  thinned = every > 1;
  std::string text = "label,seed";
  for (const std::string& field : fields) text += "," + csv_field(field);
  text += "\n";
  for (const RunGroup& group : groups)
    for (const RunRecord* run : group.all()) {
      const std::size_t count = run->line("update").size();
      for (std::size_t i = 0; i < count; ++i) {
        if (i % every != 0 && i + 1 != count) continue;
        text += csv_field(group.label) + "," + csv_field(run->setting("seed"));
        for (const std::string& field : fields) {
          const std::vector<double>& column = run->line(field);
          text += "," + (i < column.size() && std::isfinite(column[i]) ? fmt::format("{:.6g}", column[i]) : "");
        }
        text += "\n";
      }
    }
  return text;
}

}  // namespace chronograd
