// SPDX-License-Identifier: Apache-2.0
#include "reporting/environment.hpp"

#include <sys/utsname.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "io/hash.hpp"
#include "training/checkpoint.hpp"
#include "training/crew.hpp"

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
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(program_json());
#ifdef NDEBUG
  json["assertions"] = false;
#else
  json["assertions"] = true;
#endif
  json["processor"] = processor();
  json["cores"] = available_processors();
  json["system"] = std::string(system.sysname) + " " + system.release + " " + system.machine;
  json["threads"] = surroundings.threads;
  json["command"] = surroundings.command;
  json["data"] = nlohmann::ordered_json::object();
  json["task"] = surroundings.task;
  for (const std::string& file : surroundings.files)
    if (!file.empty()) json["data"][file] = sha256_of_file(file);
  for (const auto& [name, value] : surroundings.facts) json["facts"][name] = value;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace chronograd
