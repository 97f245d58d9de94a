// SPDX-License-Identifier: Apache-2.0
#include "reporting/environment.hpp"

#include <sys/utsname.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "chronograd/isa.hpp"
#include "chronograd/version.hpp"
#include "io/hash.hpp"
#include "math/gemm.hpp"
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

const char* compiler() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

}  // namespace

std::string environment_json(const Surroundings& surroundings) {
  utsname system{};
  uname(&system);
  nlohmann::ordered_json json = {{"version", version()},
                                 {"compiler", compiler()},
#ifdef NDEBUG
                                 {"assertions", false},
#else
                                 {"assertions", true},
#endif
                                 {"instruction_set", name_of(active_isa())},
                                 {"products", gemm_libraries()},
                                 {"processor", processor()},
                                 {"cores", available_processors()},
                                 {"system", std::string(system.sysname) + " " + system.release + " " + system.machine},
                                 {"threads", surroundings.threads},
                                 {"command", surroundings.command},
                                 {"data", nlohmann::ordered_json::object()},
                                 {"task", surroundings.task}};
  for (const std::string& file : surroundings.files)
    if (!file.empty()) json["data"][file] = sha256_of_file(file);
  for (const auto& [name, value] : surroundings.facts) json["facts"][name] = value;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace chronograd
