// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>

#include "chronograd/config.hpp"
#include "training/trainer.hpp"

namespace chronograd {

/// The files of a run: config.toml (as given), resolved.json, environment.json, metrics.jsonl (a line appended and
/// flushed at each report), and at the end params.npz and summary.json. Errors are Error (data) with the path.
class RunDirectory {
 public:
  /// Makes the folder and writes what is known before the first step. Refuses one that holds a run already.
  RunDirectory(const std::string& path, const Config& config, const std::string& environment_json);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  /// `watched` names the rules that the cosines belong to.
  void append(const Metrics& metrics, const std::vector<std::string>& watched);
  void finish(const RunResult& result);

 private:
  std::string path_;
  std::FILE* metrics_ = nullptr;
};

/// `done`, `diverged` or `stopped`.
const char* name_of(RunResult::Status status);
/// The summary of a run as JSON, without its parameters.
std::string summary_json(const RunResult& result);

}  // namespace chronograd
