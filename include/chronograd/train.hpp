// SPDX-License-Identifier: Apache-2.0
// Training by a configuration: what the program's verb "train" does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/export.hpp"
#include "chronograd/observer.hpp"
#include "chronograd/run_result.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

class World;

/// What else a run may be asked for.
struct RunOptions {
  const Arrays* parameters = nullptr;  ///< where to begin; null: drawn from the seed
  std::string parameters_name;         ///< for messages
  int threads = 0;                     ///< 0: the configuration's
  Observer* observer = nullptr;        ///< who sees the run and may stop it; null: nobody
  /// Folder for checkpoints, there by the time Observer::started returns; "": none. One is written when the observer
  /// stops the run, at its end, and as train.checkpoint_every says; results never depend on them.
  std::string checkpoint;
  bool resume = false;  ///< go on from the newest checkpoint in the folder; from the start if there is none

  /// Who computes the groups of layers of a net ([net]): one thread in turns, a thread for each group, or a process for
  /// each group. In fixed order none of this changes a bit.
  enum class Workers { same, threads, mpi } workers = Workers::same;
  double latency = 0;    ///< s, simulated, of every message between workers
  double bandwidth = 0;  ///< bytes/s, simulated, of every edge between two of them; 0: without limit
  double timeout = 60;   ///< s that a worker waits for a message before it gives the run up

  /// The processes that share the run, of which this is one (src/ranks/world.hpp); null: this one has all of it. All of
  /// them call with the same configuration, and the first one's observer hears of it. How many they are changes no bit.
  World* world = nullptr;
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
