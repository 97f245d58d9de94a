// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/observer.hpp"
#include "chronograd/run_result.hpp"
#include "runs/environment.hpp"
#include "runs/run_files.hpp"

namespace chronograd {

/// The files of a run while a process writes to it; docs/run-directory.md says what they are. Errors are Error (data)
/// with the path, but for another configuration than the run's: Error (usage).
class RunDirectory {
 public:
  /// Makes the folder and writes what is known before the first step. A folder that holds a run is refused, or with
  /// `resume` gone on with if configuration and data are those that it was begun with. Also refused: a folder that
  /// another process writes to.
  RunDirectory(const std::string& path, const Config& config, const Surroundings& surroundings, bool resume,
               Observer& observer);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  /// Throws Error (usage) if the folder's run was begun with another configuration or other data.
  static void require_same(const std::string& path, const Config& config, const std::string& environment);

  /// The run goes on after `updates` updates, when it had reported `lines` times: later lines of metrics and what an
  /// earlier end wrote are removed.
  void resume(std::int64_t updates, std::int64_t lines);
  /// Appends a line of metrics. A line that does not fit on the disk is taken back.
  void append(const Metrics& metrics);
  /// The lines so far reach the disk.
  void flush();
  void finish(const RunResult& result);

 private:
  void lock(Observer& observer);
  void begin(const Config& config);
  std::string file(const char* name) const { return path_ + "/" + name; }

  std::string path_;
  Surroundings surroundings_;
  std::string environment_;
  int lock_ = -1, metrics_ = -1;
};

}  // namespace chronograd
