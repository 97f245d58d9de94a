// SPDX-License-Identifier: Apache-2.0
#include "runs/run_files.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "base/json.hpp"
#include "base/text.hpp"
#include "chronograd/array.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/error.hpp"
#include "config/versions.hpp"
#include "files/hash.hpp"
#include "files/input_file.hpp"

namespace chronograd {
namespace {

/// JSON has no NaN: what was not measured is null.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// `steps` tells what null means: a number of them: a loss that is not finite; 0: no step counted, so that nothing was
/// measured; null: there was nothing to measure on.
Json score(const Score& score) {
  Json json = {{"loss", number(score.loss)},
               {"accuracy", number(score.accuracy)},
               {"steps", score.steps >= 0 ? Json(score.steps) : Json(nullptr)}};
  if (std::isfinite(score.objective)) json["objective"] = score.objective;
  return json;
}

Json list(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values) json.push_back(number(value));
  return json;
}

Json test(const Score& of, const Measures& measures) {
  Json json = score(of);
  if (!measures.mae.empty()) {
    json["mae"] = number(mean_measure(measures.mae));
    json["r2"] = number(mean_measure(measures.r2));
    json["mae_of_outputs"] = list(measures.mae);
    json["r2_of_outputs"] = list(measures.r2);
  }
  if (measures.classes == 0) return json;
  json["macro_f1"] = number(measures.macro_f1);
  json["classes"] = measures.classes;
  if (measures.confusion.size() != measures.classes * measures.classes) return json;
  for (std::size_t row = 0; row < measures.classes; ++row) {
    const double* const first = measures.confusion.data() + row * measures.classes;
    json["confusion"].push_back(list({first, first + measures.classes}));
  }
  return json;
}

Json validation(const Validation& validation) {
  Json json = score(validation.score);
  json["update"] = validation.update >= 0 ? Json(validation.update) : Json(nullptr);
  json["patience_ended"] = validation.patience_ended;
  return json;
}

/// Of the rule that learns, over the whole cell: a number for each watched rule. All else by group, rule and rule. What
/// overflowed only where something did.
void put_alignment(Json& json, const std::vector<AlignedPair>& pairs, const Overflows& overflowed) {
  Json &cosine = json["cosine"] = Json::object(), &ratio = json["norm_ratio"] = Json::object(), further;
  for (const AlignedPair& pair : pairs) {
    if (pair.group == "cell" && pair.rule == trained_rule) {
      cosine[pair.beside] = number(pair.cosine);
      ratio[pair.beside] = number(pair.norm_ratio);
    } else {
      further["cosine"][pair.group][pair.rule][pair.beside] = number(pair.cosine);
      further["norm_ratio"][pair.group][pair.rule][pair.beside] = number(pair.norm_ratio);
    }
  }
  if (!further.is_null()) json["alignment"] = further;
  for (const auto& [rule, count] : overflowed) json["overflowed"][rule] = count;
}

/// By the layer that an interface lies above. What was not measured is null.
Json interfaces(const std::vector<InterfaceReport>& reports) {
  Json json = Json::object();
  for (const InterfaceReport& one : reports)
    json[std::to_string(one.layer)] = {{"lag", number(one.lag)},
                                       {"largest_lag", one.largest_lag},
                                       {"wait", number(one.wait)},
                                       {"cosine", number(one.cosine)},
                                       {"norm_ratio", number(one.norm_ratio)},
                                       {"error", number(one.error)},
                                       {"weight_cosine", number(one.weight_cosine)},
                                       {"weight_norm_ratio", number(one.weight_norm_ratio)},
                                       {"weight_error", number(one.weight_error)},
                                       {"compared", one.compared}};
  return json;
}

double number_of(const Json& json) {
  return json.is_null() ? not_measured : json.get<double>();
}

Score score_of(const Json& json) {
  return {number_of(json.at("loss")), number_of(json.at("accuracy")),
          json.contains("objective") ? number_of(json["objective"]) : not_measured,
          json.at("steps").is_null() ? -1 : whole_number_in<std::int64_t>(json.at("steps"))};
}

Measures measures_of(const Json& json) {
  Measures measures;
  for (const auto& [key, values] : {std::pair{"mae_of_outputs", &measures.mae}, {"r2_of_outputs", &measures.r2}})
    for (const Json& value : json.value(key, Json::array())) values->push_back(number_of(value));
  if (!json.contains("macro_f1")) return measures;
  measures.macro_f1 = number_of(json.at("macro_f1"));
  measures.classes = whole_number_in<std::size_t>(json.at("classes"));
  for (const Json& row : json.value("confusion", Json::array()))
    for (const Json& value : row) measures.confusion.push_back(number_of(value));
  return measures;
}

Validation validation_of(const Json& json) {
  return {score_of(json), json.at("update").is_null() ? -1 : whole_number_in<std::int64_t>(json.at("update")),
          json.at("patience_ended").get<bool>()};
}

Firing firing_in(const Json& json) {
  return {number_of(json.at("rate")), number_of(json.at("silent")), number_of(json.at("saturated")),
          number_of(json.at("without_slope"))};
}

std::vector<InterfaceReport> interfaces_of(const Json& json) {
  std::vector<InterfaceReport> reports;
  for (const auto& [layer, one] : json.items()) {
    InterfaceReport report;
    report.layer = std::stoi(layer);
    report.largest_lag = whole_number_in<std::int64_t>(one.at("largest_lag"));
    report.compared = whole_number_in<std::int64_t>(one.at("compared"));
    for (const auto& [key, value] :
         {std::pair{"lag", &report.lag}, std::pair{"wait", &report.wait}, std::pair{"cosine", &report.cosine},
          std::pair{"norm_ratio", &report.norm_ratio}, std::pair{"error", &report.error},
          std::pair{"weight_cosine", &report.weight_cosine}, std::pair{"weight_norm_ratio", &report.weight_norm_ratio},
          std::pair{"weight_error", &report.weight_error}})
      *value = number_of(one.at(key));
    reports.push_back(report);
  }
  std::sort(reports.begin(), reports.end(),
            [](const InterfaceReport& a, const InterfaceReport& b) { return a.layer < b.layer; });
  return reports;
}

std::vector<AlignedPair> alignment_of(const Json& json) {
  std::vector<AlignedPair> pairs;
  for (const auto& [beside, cosine] : json.at("cosine").items())
    pairs.push_back({"cell", trained_rule, beside, number_of(cosine), number_of(json.at("norm_ratio").at(beside))});
  if (!json.contains("alignment")) return pairs;
  const Json &cosines = json.at("alignment").at("cosine"), &ratios = json.at("alignment").at("norm_ratio");
  for (const auto& [group, rules] : cosines.items())
    for (const auto& [rule, others] : rules.items())
      for (const auto& [beside, cosine] : others.items())
        pairs.push_back({group, rule, beside, number_of(cosine), number_of(ratios.at(group).at(rule).at(beside))});
  return pairs;
}

RunResult result_of(const Json& json, RunResult::Status status) {
  RunResult result;
  result.status = status;
  result.updates = whole_number_in<std::int64_t>(json.at("updates"));
  result.steps = whole_number_in<std::int64_t>(json.at("steps"));
  result.stream_steps = whole_number_in<std::int64_t>(json.at("stream_steps"));
  if (!json.at("level").is_null()) result.level = whole_number_in<std::int64_t>(json.at("level"));
  result.train = score_of(json.at("train"));
  result.test = score_of(json.at("test"));
  result.test_measures = measures_of(json.at("test"));
  if (json.contains("test_learning")) result.test_learning = score_of(json.at("test_learning"));
  if (json.contains("validation")) result.validation = validation_of(json.at("validation"));
  if (json.contains("firing")) result.firing = firing_in(json.at("firing"));
  result.seconds = number_of(json.at("seconds"));
  result.cpu_seconds = number_of(json.at("cpu_seconds"));
  result.rule_bytes = whole_number_in<std::size_t>(json.at("rule_bytes"));
  result.parameter_count = whole_number_in<std::size_t>(json.at("parameters"));
  result.batch = whole_number_in<int>(json.at("batch"));
  result.alignment = alignment_of(json);
  if (json.contains("interfaces")) result.interfaces = interfaces_of(json.at("interfaces"));
  if (json.contains("overflowed"))
    for (const auto& [rule, count] : json.at("overflowed").items())
      result.overflowed.emplace_back(rule, whole_number_in<std::int64_t>(count));
  for (const auto& [name, value] : json.at("references").items())
    result.references.push_back({name, number_of(value), json.at("floor") == name});
  return result;
}

std::string current_folder() {
  std::error_code failed;
  return std::filesystem::current_path(failed).string();
}

/// The recurrent parameters that a run began with, which its sample has.
Arrays initial_in(const std::string& folder) {
  const std::string prefix = "initial/", path = folder + "/sample.npz";
  Arrays initial;
  if (!std::filesystem::exists(path)) return initial;
  for (auto& [name, array] : read_npz(path))
    if (name.starts_with(prefix)) initial.emplace(name.substr(prefix.size()), std::move(array));
  return initial;
}

/// The result of a run from its summary; nothing where it has not come to its end.
std::optional<RunResult> finished_run(const std::string& folder, const std::string& path) {
  try {
    const Json json = json_of(read_file(path));
    if (json.is_object() && json.contains("seconds") && !json.contains("cpu_seconds"))
      throw Error(
          Exit::data, path,
          "an earlier version wrote it, whose training loss and steps mean something else. Report and eval read "
          "it; to go on, give another --out.");
    for (const auto status : {RunResult::Status::done, RunResult::Status::diverged})
      if (json.at("status") == name_of(status)) {
        RunResult result = result_of(json, status);
        result.parameters = read_npz(folder + "/params.npz");
        result.initial = initial_in(folder);
        if (std::filesystem::exists(folder + "/credit.npz")) result.credit = read_npz(folder + "/credit.npz");
        return result;
      }
    return std::nullopt;
  } catch (const JsonError&) {
    throw Error(Exit::data, path, "is no summary of a run as this version writes it, or it was cut or edited.");
  }
}

}  // namespace

const char* name_of(RunResult::Status status) {
  switch (status) {
    case RunResult::Status::done:
      return "done";
    case RunResult::Status::diverged:
      return "diverged";
    default:
      return "stopped";
  }
}

std::string summary_json(const RunResult& result) {
  Json references = Json::object();
  for (const Reference& reference : result.references) references[reference.name] = number(reference.value);
  Json json = {{"status", name_of(result.status)},
               {"updates", result.updates},
               {"steps", result.steps},
               {"stream_steps", result.stream_steps},
               {"level", result.level > 0 ? Json(result.level) : Json(nullptr)},
               {"train", score(result.train)},
               {"test", test(result.test, result.test_measures)},
               {"seconds", number(result.seconds)},
               {"cpu_seconds", number(result.cpu_seconds)},
               {"us_per_step", number(us_per_step(result.seconds, result))},
               {"us_per_step_cpu", number(us_per_step(result.cpu_seconds, result))},
               {"rule_bytes", result.rule_bytes},
               {"parameters", result.parameter_count},
               {"batch", result.batch},
               {"references", references},
               {"floor", result.floor() != nullptr ? Json(result.floor()->name) : Json(nullptr)}};
  if (result.ranks > 0) json["exchange_seconds"] = number(result.exchange_seconds);
  if (result.test_learning.steps >= 0) json["test_learning"] = score(result.test_learning);
  if (result.validation) json["validation"] = validation(*result.validation);
  if (result.firing)
    json["firing"] = {{"rate", number(result.firing->rate)},
                      {"silent", number(result.firing->silent)},
                      {"saturated", number(result.firing->saturated)},
                      {"without_slope", number(result.firing->without_slope)}};
  put_alignment(json, result.alignment, result.overflowed);
  if (!result.interfaces.empty()) json["interfaces"] = interfaces(result.interfaces);
  return json.dump(2) + "\n";
}

std::string test_json(const Score& score, const Measures& measures) {
  return test(score, measures).dump();
}

std::string metrics_json(const Metrics& metrics) {
  Json json = {{"update", metrics.update}, {"steps", metrics.steps}, {"loss", number(metrics.loss)}};
  if (std::isfinite(metrics.objective)) json["objective"] = metrics.objective;
  if (std::isfinite(metrics.accuracy)) json["accuracy"] = metrics.accuracy;
  if (std::isfinite(metrics.rate_cost)) json["rate_cost"] = metrics.rate_cost;
  if (std::isfinite(metrics.firing_rate)) json["firing_rate"] = metrics.firing_rate;
  if (metrics.level > 0) json["level"] = metrics.level;
  json["lr"] = metrics.rate;
  json["seconds"] = metrics.seconds;
  if (!metrics.alignment.empty()) put_alignment(json, metrics.alignment, metrics.overflowed);
  if (!metrics.interfaces.empty()) json["interfaces"] = interfaces(metrics.interfaces);
  if (std::isfinite(metrics.feedback_angle)) json["feedback_angle"] = metrics.feedback_angle;
  if (metrics.validation.steps >= 0) json["validation"] = score(metrics.validation);
  if (metrics.test.steps >= 0) json["test"] = score(metrics.test);
  return json.dump();
}

std::string checkpoint_folder(const std::string& folder) {
  return folder + "/checkpoint";
}

bool holds_run(const std::string& folder) {
  // config.toml may be the user's own; the others come after it.
  constexpr const char* ours[] = {"resolved.json", "environment.json", "metrics.jsonl", "params.npz", "summary.json"};
  return std::any_of(std::begin(ours), std::end(ours),
                     [&](const char* name) { return std::filesystem::exists(folder + "/" + name); });
}

std::string version_of(const std::string& folder) {
  const std::string path = folder + "/environment.json";
  if (!std::filesystem::exists(path)) return "";
  const Json begun = json_of(read_file(path));
  return begun.is_object() && begun.contains("version") && begun["version"].is_string()
             ? begun["version"].get<std::string>()
             : "";
}

Config read_run_config(const std::string& folder) {
  const std::string path = folder + "/resolved.json";
  if (!std::filesystem::exists(path))
    throw Error(Exit::data, folder, "no run is recorded here: there is no resolved.json. Give the --out of a train.");
  return naming_versions(version_of(folder), [&] { return Config::from_record(read_file(path), path); });
}

void require_run_data(const std::string& folder, const Config& config, const Task* task) {
  const std::string path = folder + "/environment.json";
  if (!std::filesystem::exists(path)) return;
  const Json json = json_of(read_file(path));
  std::map<std::string, std::string> recorded;
  if (json.is_object() && json.contains("data"))
    for (const auto& [name, hash] : json["data"].items())
      if (hash.is_string()) recorded.emplace(name, hash.get<std::string>());
  std::vector<std::string> files = task ? task->files() : std::vector<std::string>();
  if (!task)
    for (const auto& [key, value] : config.table("data").values()) {
      const std::string* word = std::get_if<std::string>(&value);
      if (!word) continue;
      const bool is_data = key == "train" || key == "test" || key == "validation";
      const std::string file = is_data ? data_path("data." + key, *word) : *word;
      if (is_data || recorded.contains(file)) files.push_back(file);
    }
  const auto known = [&](const std::string& hash) {
    return std::any_of(recorded.begin(), recorded.end(), [&](const auto& item) { return item.second == hash; });
  };
  for (const std::string& file : files) {
    const std::string hint = " Relative paths begin in the current folder, " + current_folder() +
                             ": go where the run was started, or choose a file on purpose with --data FILE.";
    const auto before = recorded.find(file);
    if (before == recorded.end() && recorded.empty()) continue;
    if (!std::filesystem::exists(file)) throw Error(Exit::data, file, "is not here, and the run read it." + hint);
    const std::string now = sha256_of_file(file);
    if (before != recorded.end() ? now == before->second : known(now)) continue;
    throw Error(Exit::data, file,
                "got another content than the run had: SHA-256 " + now + " here, " +
                    (before != recorded.end() ? before->second : "none of this file") + " in " + path + "." + hint);
  }
}

std::optional<RunResult> read_finished_run(const std::string& folder) {
  const std::string path = folder + "/summary.json";
  if (!std::filesystem::exists(path)) return std::nullopt;
  return naming_versions(version_of(folder), [&] { return finished_run(folder, path); });
}

}  // namespace chronograd
