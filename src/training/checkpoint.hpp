// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chronograd/archive.hpp"
#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/observer.hpp"
#include "training/plan.hpp"

namespace chronograd {

struct RunOptions;
class Share;

/// What a saved state belongs to, and can be gone on with under.
struct Origin {
  const char* what;     ///< "checkpoint", for messages
  std::int64_t format;  ///< of the file; another number is refused
  const Config& config;
  std::span<const PlanNumber> plan;
  const char* hint;          ///< what the user can do instead
  const char* program_hint;  ///< likewise where the program is another one
};
/// Adds the arrays `format`, `program`, `config` and `plan/...`.
void write_origin(const Origin& origin, Arrays& arrays);
/// True for the name of one of them.
bool is_origin(const std::string& name);
/// Throws Error (usage, data) unless the arrays of the file `path` say the same format, program and configuration.
void require_same_origin(const Origin& origin, const Arrays& arrays, const std::string& path);
/// Likewise for the plan.
void require_same_plan(const Origin& origin, const Arrays& arrays, const std::string& path);

/// The folder of a run's checkpoints: update-N.npz, written to a temporary file, flushed and renamed. The one written
/// before is kept. One writer at a time.
class Checkpoints {
 public:
  explicit Checkpoints(std::string folder) : folder_(std::move(folder)) {}

  struct Found {
    std::string path;
    Arrays arrays;
  };
  /// The newest one that can be read; those that cannot are remarked on. Nothing if there is none.
  std::optional<Found> newest(Observer& observer);
  /// The outputs of the network that a checkpoint is of. Throws Error (data) for a file that is none.
  static int outputs_of(const Found& found);
  /// Writes one; then all but this and the one before it are removed. Throws Error (data); what was there stays.
  void write(std::int64_t update, const Arrays& arrays);

 private:
  /// Their updates, newest first.
  std::vector<std::int64_t> updates() const;
  std::string path_of(std::int64_t update) const;

  std::string folder_;
  std::int64_t previous_ = -1;  ///< update of the one that was written or read last
};

/// Decides when a run's state is saved, and goes back to one that was.
class Checkpointer {
 public:
  using Visit = std::function<void(Archive&)>;

  /// `options`, of which this takes the checkpoint folder ("": does nothing) and the observer, and `config` must
  /// outlive it. `mapping`: the task's, which checkpoints hold too. `share` is what this process has of the run, if not
  /// all of it: all processes call write() and restore() together, the first one writes and reads.
  Checkpointer(const RunOptions& options, const Config& config, std::vector<PlanNumber> plan, Arrays mapping,
               const Share* share = nullptr);

  /// By number of updates: train.checkpoint_every.
  bool due(std::int64_t updates) const { return on() && every_ > 0 && updates % every_ == 0; }
  /// True where time decides: train.checkpoint_every is 0.
  bool by_time() const { return on() && every_ == 0; }
  bool overdue() const { return by_time() && Clock::now() >= next_; }
  /// The state as a checkpoint's arrays, for `write` now or later.
  Arrays taken(const Visit& state) const;
  void write(std::int64_t updates, Arrays arrays);
  /// Restores the newest checkpoint if the options ask for it and there is one. Throws Error (usage, data) for one of
  /// another configuration, program, plan or network.
  bool restore(const Visit& state);
  bool on() const;

 private:
  using Clock = std::chrono::steady_clock;
  void require_same(const Checkpoints::Found& found) const;
  Origin origin() const;
  std::optional<Checkpoints::Found> newest();

  const RunOptions& options_;
  const Config& config_;
  std::vector<PlanNumber> plan_;
  Arrays mapping_;
  const Share* share_;
  Checkpoints checkpoints_;
  std::int64_t every_;
  Clock::time_point next_;
};

/// program_parts() as JSON.
std::string program_json();

}  // namespace chronograd
