// SPDX-License-Identifier: Apache-2.0
#include "report/run_record.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "base/json.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

namespace fs = std::filesystem;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return "";
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Json object_in(const std::string& text, const std::string& path) {
  Json json = json_of(text);
  if (json.is_discarded() || !json.is_object())
    throw Error(Exit::data, path, "is not the record of a run: got no JSON object. Was it cut off?");
  return json;
}

/// Calls use(name, value) for each field that is no object.
template <class Use>
void flatten(const Json& json, const std::string& prefix, char separator, const Use& use) {
  for (const auto& [key, value] : json.items()) {
    const std::string name = prefix.empty() ? key : prefix + separator + key;
    if (value.is_object())
      flatten(value, name, separator, use);
    else
      use(name, value);
  }
}

void read_lines(const std::string& path, RunRecord& run) {
  std::ifstream file(path, std::ios::binary);
  std::size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    const Json json = json_of(line);
    if (json.is_discarded() || !json.is_object()) {
      if (file.peek() == std::ifstream::traits_type::eof()) break;  // a run that is at work, or was killed
      throw Error(Exit::data, path, "line " + std::to_string(count + 1) + " is not a JSON object.");
    }
    flatten(json, "", '/', [&](const std::string& name, const Json& value) {
      if (!value.is_number() && !value.is_null()) return;
      std::vector<double>& column = run.lines[name];
      column.resize(count, none);
      column.push_back(value.is_number() ? value.get<double>() : none);
      if (value.is_null()) run.nulls[name].push_back(count);
    });
    ++count;
  }
  for (auto& [name, column] : run.lines) column.resize(count, none);
}

/// True for numbers and null, and for lists of them of any depth.
bool holds_numbers(const Json& json) {
  return json.is_number() || json.is_null() ||
         (json.is_array() && std::all_of(json.begin(), json.end(), [](const Json& v) { return holds_numbers(v); }));
}

void append_numbers(const Json& json, std::vector<double>& list) {
  if (!json.is_array()) return list.push_back(json.is_null() ? none : json.get<double>());
  for (const Json& inner : json) append_numbers(inner, list);
}

RunRecord read_run(const std::string& path) {
  RunRecord run;
  run.path = path;
  run.config = text_of(path + "/config.toml");
  run.resolved = text_of(path + "/resolved.json");
  run.environment_text = text_of(path + "/environment.json");
  Json settings = object_in(run.resolved, path + "/resolved.json");
  if (settings.contains("given") && settings["given"].is_array())
    for (const Json& key : settings["given"])
      if (key.is_string()) run.given.insert(key.get<std::string>());
  settings.erase("given");
  flatten(settings, "", '.', [&](const std::string& name, const Json& value) { run.settings[name] = value.dump(); });
  if (!run.environment_text.empty())
    flatten(object_in(run.environment_text, path + "/environment.json"), "", '/',
            [&](const std::string& name, const Json& value) { run.environment[name] = value.dump(); });
  read_lines(path + "/metrics.jsonl", run);
  const std::string summary = text_of(path + "/summary.json");
  run.status = "unfinished";
  if (!summary.empty()) {
    const Json json = object_in(summary, path + "/summary.json");
    flatten(json, "", '/', [&](const std::string& name, const Json& value) {
      if (value.is_number()) run.summary[name] = value.get<double>();
      if (value.is_array() && holds_numbers(value)) append_numbers(value, run.summary_lists[name]);
    });
    if (json.contains("status") && json["status"].is_string()) run.status = json["status"].get<std::string>();
    if (json.contains("floor") && json["floor"].is_string()) run.floor = json["floor"].get<std::string>();
  }
  return run;
}

void find_runs(const fs::path& folder, int depth, std::set<std::string>& found, std::set<std::string>& comparisons) {
  if (fs::exists(folder / "metrics.jsonl") && fs::exists(folder / "resolved.json")) {
    found.insert(folder.lexically_normal().string());
    return;
  }
  if (fs::exists(folder / "comparison.json")) comparisons.insert(folder.lexically_normal().string());
  if (depth == 0) return;
  for (const auto& item : fs::directory_iterator(folder))
    if (item.is_directory() && !item.is_symlink()) find_runs(item.path(), depth - 1, found, comparisons);
}

void read_comparison(const std::string& folder, Records& records) {
  const std::string path = folder + "/comparison.json";
  const Json json = object_in(text_of(path), path);
  if (json.contains("warnings") && json["warnings"].is_array())
    for (const Json& warning : json["warnings"])
      if (warning.is_string()) records.warnings.push_back(warning.get<std::string>());
  if (!json.contains("rules") || !json["rules"].is_array()) return;
  for (const Json& rule : json["rules"]) {
    if (!rule.is_object()) continue;
    const char* const on_processor = "us_per_step_cpu";  // without waiting for one
    const char* const key = rule.contains(on_processor) ? on_processor : "us_per_step";
    if (!rule.contains(key) || !rule[key].is_number()) continue;
    for (const Json& run : rule.value("runs", Json::array()))
      if (run.is_object() && run.contains("directory") && run["directory"].is_string())
        records.us_per_step[(fs::path(folder) / run["directory"].get<std::string>()).lexically_normal().string()] =
            rule[key].get<double>();
  }
}

std::string unquoted(const std::map<std::string, std::string>& values, const std::string& key) {
  const auto found = values.find(key);
  if (found == values.end() || found->second == "null") return "";
  const Json value = json_of(found->second);
  return value.is_string() ? value.get<std::string>() : found->second;
}

}  // namespace

std::string RunRecord::setting(const std::string& key) const {
  return unquoted(settings, key);
}

std::string RunRecord::method() const {
  return setting(is_net() ? "interface.name" : "rule.name");
}

std::string RunRecord::surrounding(const std::string& key) const {
  return unquoted(environment, key);
}

double RunRecord::number(const std::string& field) const {
  const auto found = summary.find(field);
  return found == summary.end() ? none : found->second;
}

const std::vector<double>& RunRecord::line(const std::string& field) const {
  static const std::vector<double> empty;
  const auto found = lines.find(field);
  return found == lines.end() ? empty : found->second;
}

std::optional<double> RunRecord::rate_target() const {
  if (!(std::atof(setting("regularise.rate_cost").c_str()) > 0)) return std::nullopt;
  return std::atof(setting("regularise.rate_target").c_str());
}

bool RunRecord::tested() const {
  return std::isfinite(number("test/steps")) || std::isfinite(number("test/loss"));
}

bool RunRecord::validated() const {
  return std::isfinite(number("validation/steps")) || std::isfinite(number("validation/loss"));
}

double RunRecord::final_loss(const std::string& on) const {
  return diverged() ? none : number(on + "/loss");
}

double RunRecord::choice_loss(const std::string& on) const {
  const double validated = diverged() ? none : number("validation/loss");
  return std::isfinite(validated) ? validated : final_loss(on);
}

double RunRecord::final_accuracy(const std::string& on) const {
  return diverged() ? none : number(on + "/accuracy");
}

std::optional<Arrays> RunRecord::arrays(const std::string& file) const {
  try {
    return read_npz(path + "/" + file);
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool Records::compared() const {
  return std::all_of(runs.begin(), runs.end(), [this](const RunRecord& run) {
    return std::any_of(comparisons.begin(), comparisons.end(), [&](const std::string& folder) {
      return run.path.starts_with((fs::path(folder) / "").string());
    });
  });
}

Records read_records(const std::vector<std::string>& folders) {
  Records records;
  std::set<std::string> all;
  for (const std::string& folder : folders) {
    std::set<std::string> found;
    try {
      if (!fs::is_directory(folder)) throw Error(Exit::data, folder, "is not a folder. Give the folder of a run.");
      find_runs(folder, 4, found, records.comparisons);
    } catch (const fs::filesystem_error& error) {
      throw Error(Exit::data, folder, "cannot be read: " + error.code().message() + ".");
    }
    if (found.empty())
      throw Error(Exit::data, folder,
                  "holds no run: no folder with metrics.jsonl and resolved.json. Make one with train --out.");
    all.insert(found.begin(), found.end());
  }
  for (const std::string& path : all) records.runs.push_back(read_run(path));
  for (const std::string& folder : records.comparisons) read_comparison(folder, records);
  return records;
}

}  // namespace chronograd
