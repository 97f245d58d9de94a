// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/task.hpp"
#include "training/measures.hpp"

namespace chronograd {

constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

/// Loss and accuracy with frozen weights.
struct Score {
  double loss = not_measured;
  double accuracy = not_measured;
};

/// How the gradient of one rule lies beside that of another, mean over comparisons on the same trajectory. The rule
/// that learns is called trained_rule, watched ones as they were written.
struct AlignedPair {
  std::string group;  ///< a parameter of the cell, or "cell": all of them
  std::string rule, beside;
  double cosine;      ///< -1 ... 1
  double norm_ratio;  ///< |rule's gradient| / |beside's gradient|
};
constexpr const char* trained_rule = "trained";
/// Rules whose gradient held NaN or infinity, and at how many comparisons: these are in no mean.
using Overflows = std::vector<std::pair<std::string, std::int64_t>>;

/// One line of metrics.jsonl: means over the updates since the line before.
struct Metrics {
  std::int64_t update = 0;  ///< updates done
  std::int64_t steps = 0;   ///< time steps done, a stream
  double loss = 0;          ///< mean loss a weighted step (nats for cross_entropy)
  double accuracy = 0;      ///< share of weighted steps whose largest output is the target class; NaN without classes
  double rate = 0;          ///< learning rate of the next update
  double seconds = 0;       ///< training time so far, without evaluation
  std::vector<AlignedPair> alignment;  ///< of all pairs; first the whole cell's of the rule that learns
  Overflows overflowed;
  double feedback_angle = 0;  ///< between W_out^T and the feedback matrix, degrees; NaN where they are one
  std::int64_t level = 0;     ///< of the task's curriculum; 0 = it has none
  Score test;                 ///< where train.test_every asks for it
};

/// What a run came to.
struct RunResult {
  enum class Status { done, diverged, stopped } status = Status::done;
  std::int64_t updates = 0, steps = 0;  ///< steps: a stream's
  std::int64_t stream_steps = 0;        ///< steps times streams
  std::int64_t level = 0;               ///< of the task's curriculum that the run came to; 0 = it has none
  Score train;                          ///< over the last report window
  Score test;                           ///< after the last update; NaN if there is nothing to test on
  Measures test_measures;               ///< of the same test; empty if there is nothing to test on
  double seconds = 0;                   ///< training alone: forward, rule, update, and reading the data
  std::size_t rule_bytes = 0;           ///< what the rule keeps, all streams
  std::size_t parameter_count = 0;      ///< of the network, readout included
  int batch = 0;                        ///< streams side by side
  std::vector<Reference> references;    ///< of the task
  std::vector<AlignedPair> alignment;   ///< as in Metrics, over the whole run
  Overflows overflowed;                 ///< likewise
  /// For trained_rule and each watched rule, where watch.lags asks for it: credit_by_lag() under the last weights.
  std::vector<std::pair<std::string, std::vector<double>>> credit_by_lag;
  Arrays parameters;  ///< after the last update; of a run that diverged, the last finite ones of
                      ///< a report (the first ones, if it diverged at once)
};

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
RunResult train(const Config& config, const Task& task, const RunOptions& options = {});

/// Throws what `train` would before its first step, and does no more.
void check_training(const Config& config, const Task& task, const RunOptions& options = {});

/// Makes the task of [task], or of the files of [data]. `data_file` stands in for both if not empty. Class targets in
/// files have as many classes as `parameters` (null: none given) has rows in W_out, else as many as they name.
std::unique_ptr<Task> make_task(const Config& config, const std::string& data_file = "",
                                const Arrays* parameters = nullptr, std::vector<std::string>* notes = nullptr);

}  // namespace chronograd
