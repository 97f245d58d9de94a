// SPDX-License-Identifier: Apache-2.0
#include "runs/environment.hpp"

#include <sys/utsname.h>

#include <filesystem>
#include <fstream>

#include "base/crew.hpp"
#include "base/json.hpp"
#include "files/hash.hpp"
#include "files/input_file.hpp"
#include "training/checkpoint.hpp"

namespace chronograd {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) {
      const std::size_t colon = line.find(": ");
      return colon == std::string::npos ? "unknown" : line.substr(colon + 2);
    }
  return "unknown";
}

}  // namespace

std::string environment_json(const Surroundings& surroundings) {
  utsname system{};
  uname(&system);
  Json json = Json::parse(program_json());
#ifdef NDEBUG
  json["assertions"] = false;
#else
  json["assertions"] = true;
#endif
  json["processor"] = processor();
  json["cores"] = available_processors();
  json["system"] = std::string(system.sysname) + " " + system.release + " " + system.machine;
  json["threads"] = surroundings.threads;
  if (!surroundings.hosts.empty()) {
    json["ranks"] = surroundings.hosts.size();
    json["hosts"] = surroundings.hosts;
  }
  json["command"] = surroundings.command;
  json["data"] = Json::object();
  json["task"] = surroundings.task;
  for (const std::string& file : surroundings.files)
    if (!file.empty()) json["data"][file] = sha256_of_file(file);
  for (const auto& [name, value] : surroundings.facts) json["facts"][name] = value;
  return json.dump(2) + "\n";
}

bool begun_by_this_program(const std::string& folder) {
  const std::string path = folder + "/environment.json";
  if (!std::filesystem::exists(path)) return true;
  const auto begun = json_of(read_file(path)), program = json_of(program_json());
  if (!begun.is_object()) return false;
  for (const auto& [name, value] : program.items())
    if (!begun.contains(name) || begun[name] != value) return false;
  return true;
}

}  // namespace chronograd
