// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_directory.hpp"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "chronograd/array.hpp"
#include "chronograd/error.hpp"
#include "io/atomic_file.hpp"

namespace chronograd {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no NaN: what was not measured is null.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json score(const Score& score) {
  return {{"loss", number(score.loss)}, {"accuracy", number(score.accuracy)}};
}

Json by_rule(const std::vector<std::string>& watched, const std::vector<double>& values) {
  Json out = Json::object();
  for (std::size_t i = 0; i < values.size() && i < watched.size(); ++i) out[watched[i]] = number(values[i]);
  return out;
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
  const Json json = {
      {"status", name_of(result.status)},
      {"updates", result.updates},
      {"steps", result.steps},
      {"stream_steps", result.stream_steps},
      {"train", score(result.train)},
      {"test", score(result.test)},
      {"seconds", number(result.seconds)},
      {"us_per_step", result.stream_steps > 0 ? number(1e6 * result.seconds / static_cast<double>(result.stream_steps))
                                              : Json(nullptr)},
      {"rule_bytes", result.rule_bytes},
      {"parameters", result.parameter_count},
      {"batch", result.batch},
      {"cosine", by_rule(result.watched, result.cosines)},
      {"norm_ratio", by_rule(result.watched, result.norm_ratios)},
      {"references", references}};
  return json.dump(2) + "\n";
}

RunDirectory::RunDirectory(const std::string& path, const Config& config, const std::string& environment_json)
    : path_(path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) throw Error(Exit::data, path, "cannot make this folder: " + failed.message() + ".");
  const std::string metrics = path + "/metrics.jsonl";
  if (std::filesystem::exists(metrics))
    throw Error(Exit::data, path, "this folder holds a run already. Give another --out, or remove it.");
  write_file(path + "/config.toml", config.text());
  write_file(path + "/resolved.json", config.resolved_json());
  write_file(path + "/environment.json", environment_json);
  metrics_ = std::fopen(metrics.c_str(), "wbx");
  if (!metrics_) throw Error(Exit::data, metrics, std::string("cannot write this file: ") + std::strerror(errno) + ".");
}

RunDirectory::~RunDirectory() {
  if (metrics_) std::fclose(metrics_);
}

void RunDirectory::append(const Metrics& metrics, const std::vector<std::string>& watched) {
  Json json = {{"update", metrics.update}, {"steps", metrics.steps}, {"loss", number(metrics.loss)}};
  if (std::isfinite(metrics.accuracy)) json["accuracy"] = metrics.accuracy;
  json["lr"] = metrics.rate;
  json["seconds"] = metrics.seconds;
  if (!metrics.cosines.empty()) {
    json["cosine"] = by_rule(watched, metrics.cosines);
    json["norm_ratio"] = by_rule(watched, metrics.norm_ratios);
  }
  if (std::isfinite(metrics.feedback_angle)) json["feedback_angle"] = metrics.feedback_angle;
  if (std::isfinite(metrics.test.loss)) json["test"] = score(metrics.test);
  const std::string line = json.dump() + "\n";
  if (std::fwrite(line.data(), 1, line.size(), metrics_) != line.size() || std::fflush(metrics_) != 0)
    throw Error(Exit::data, path_ + "/metrics.jsonl", std::string("cannot write: ") + std::strerror(errno) + ".");
}

void RunDirectory::finish(const RunResult& result) {
  write_npz(path_ + "/params.npz", result.parameters);
  write_file(path_ + "/summary.json", summary_json(result));
}

}  // namespace chronograd
