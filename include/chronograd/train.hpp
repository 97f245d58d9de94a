// SPDX-License-Identifier: Apache-2.0
// Training by a configuration: what the program's verb "train" does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/export.hpp"
#include "chronograd/run_result.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// How far a run is.
struct Position {
  std::int64_t update, updates;  ///< updates done, of how many
  std::int64_t stream_steps;     ///< steps done, of all streams together
};

/// What else a run may be asked for.
struct RunOptions {
  const Arrays* parameters = nullptr;               ///< where to begin; null: drawn from the seed
  std::string parameters_name;                      ///< for messages
  int threads = 0;                                  ///< 0: the configuration's
  std::function<void()> on_start;                   ///< called once, when everything has been found to make sense
  std::function<void(const Metrics&)> on_report;    ///< called for each line of metrics
  std::function<bool(const Position&)> keep_going;  ///< asked every 64 stream_steps or so; false stops the run
  std::vector<std::string>* notes = nullptr;        ///< remarks for the user (arrays that are ignored)
  /// Folder for checkpoints, there by the time on_start returns; "": none. One is written when keep_going stops the
  /// run, at its end, and as train.checkpoint_every says; results never depend on them.
  std::string checkpoint;
  bool resume = false;  ///< go on from the newest checkpoint in the folder; from the start if there is none
  /// With `resume`, called once after on_start: the updates done and the calls of on_report that stand; 0, 0 where the
  /// run begins anew.
  std::function<void(std::int64_t updates, std::int64_t reports)> on_resume;
  std::function<void()> before_checkpoint;  ///< called before one is written: what it counts on must be on the disk
};

/// Trains the network of `config` on `task`. Throws Error for what is wrong before the first step; a run that diverges
/// is a result.
CHRONOGRAD_API RunResult train(const Config& config, const Task& task, const RunOptions& options = {});

/// Throws what `train` would before its first step, and does no more.
CHRONOGRAD_API void check_training(const Config& config, const Task& task, const RunOptions& options = {});

/// Makes the task of [task], or of the files of [data]. `data_file` stands in for both if not empty: all of it is
/// training rows then, and no other file is read. Class targets in files have as many classes as `parameters` (null:
/// none given) has rows in W_out, else as many as they name. The mapping among the parameters is applied; a remark says
/// what was fitted for want of one. Throws Error, also for data that are not read as the parameters' were.
CHRONOGRAD_API std::unique_ptr<Task> make_task(const Config& config, const std::string& data_file = "",
                                               const Arrays* parameters = nullptr,
                                               std::vector<std::string>* notes = nullptr);

}  // namespace chronograd
