// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace chronograd {

/// What a run was given beside its configuration.
struct Surroundings {
  int threads = 1;
  std::vector<std::string> command;  ///< the command line
  std::string task;                  ///< Task::summary()
  std::vector<std::string> files;    ///< that were read: parameters, data; empty names are left out
  std::vector<std::pair<std::string, std::string>> facts = {};  ///< Task::facts()
  std::vector<std::string> hosts = {};                          ///< of all ranks; empty: one process alone
};

/// What a result depends on beside its configuration, as JSON: version, compiler, build, instruction set, product
/// libraries, machine, threads, command, and the SHA-256 of each file. Fields: docs/run-directory.md. Throws Error
/// (data) for a file that cannot be read.
std::string environment_json(const Surroundings& surroundings);
/// False if the folder holds a run that another version, compiler or instruction set began.
bool begun_by_this_program(const std::string& folder);

}  // namespace chronograd
