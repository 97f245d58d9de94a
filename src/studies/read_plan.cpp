// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "base/json.hpp"
#include "chronograd/error.hpp"
#include "config/versions.hpp"
#include "files/input_file.hpp"
#include "studies/sweep_plan.hpp"

namespace chronograd {
namespace {

/// Reads sweep.json into a plan.
void fill(SweepPlan& plan, const Json& json, const std::string& path) {
  try {
    plan.config_name = json.at("config").get<std::string>();
    plan.changes = json.at("changes").get<std::vector<std::string>>();
    plan.data_file = json.at("data").get<std::string>();
    plan.parameters_file = json.at("parameters").get<std::string>();
    for (const Json& seed : json.at("seeds")) plan.seeds.push_back(whole_number_in<std::uint64_t>(seed));
    plan.shards = whole_number_in(json.at("shards"), 1);
    for (const Json& axis : json.at("axes"))
      plan.axes.push_back({axis.at("key").get<std::string>(), axis.at("text").get<std::string>(),
                           axis.at("values").get<std::vector<std::string>>(), axis.at("drawn").get<bool>()});
    if (plan.seeds.empty()) throw JsonError("no seeds");
  } catch (const JsonError&) {
    throw Error(Exit::data, path,
                "is not the record of a sweep. A sweep writes it when it begins; restore it, or begin anew.");
  }
}

}  // namespace

SweepPlan read_plan(const std::string& folder) {
  const std::string path = folder + "/sweep.json";
  if (!std::filesystem::exists(path))
    throw Error(Exit::data, folder, "no sweep is recorded here: there is no sweep.json. Give the --out of a sweep.");
  SweepPlan plan;
  const Json json = json_of(read_file(path));
  plan.version.clear();
  if (json.is_object() && json.contains("version") && json["version"].is_string())
    plan.version = json["version"].get<std::string>();
  naming_versions(plan.version, [&] { fill(plan, json, path); });
  plan.config_text = read_file(folder + "/config.toml");
  return plan;
}

}  // namespace chronograd
