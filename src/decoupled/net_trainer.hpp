// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "decoupled/net_plan.hpp"
#include "decoupled/net_setup.hpp"
#include "decoupled/snapshot.hpp"
#include "training/checkpoint.hpp"
#include "training/share.hpp"

namespace chronograd {

/// The run of a net: stretches of batches between drain points, where nothing is on its way between workers, so that
/// weights can be tested and a state saved.
template <class T>
class NetTrainer {
 public:
  /// All must outlive it. Throws Error for what is wrong before the first step.
  NetTrainer(const Config& config, const Task& task, const RunOptions& options);
  NetTrainer(const NetTrainer&) = delete;
  NetTrainer& operator=(const NetTrainer&) = delete;

  RunResult run();

 private:
  /// The best weights on the rows to validate on, if there are any.
  struct Best {
    Snapshot<T> weights;
    Score score;
    std::int64_t update = -1, judged = -1, in_vain = 0;
    void state(Archive& archive, std::size_t numbers);
  };

  bool going() const;
  void stretch();
  void report();
  Score validate();
  void save(std::int64_t from);
  void memory(Archive& archive);
  void state(Archive& archive);
  bool finite();
  Score score_on(const Task& task, Split split, Measures* measures = nullptr) const;
  RunResult finish();

  typename Snapshot<T>::Groups groups() const;
  NetLayers<T> layers() const;
  const Worker<T>& uppermost() const { return *workers_.back(); }
  std::int64_t samples() const { return samples_ + uppermost().recent().steps; }
  std::vector<InterfaceReport> interfaces(bool whole) const;

  const Config& config_;
  const Task& task_;
  const RunOptions& options_;
  Observer& observer_;
  TrainSettings settings_;
  NetPlan plan_;
  NetSettings net_;
  WorkerSetup setup_;
  Share share_;
  bool apart_;  ///< the objective weighs samples in another way than the data do
  Workers<T> workers_;
  std::unique_ptr<Stretches<T>> stretches_;
  Output<T> output_;
  Checkpointer checkpointer_;
  Snapshot<T> good_;  ///< the last weights that are known to be finite
  Best best_;
  Score train_;  ///< of the last report in which a sample counted
  std::int64_t done_ = 0, samples_ = 0, reports_ = 0, saved_at_ = -1;
  double seconds_ = 0, cpu_seconds_ = 0;
  RunResult result_;
};

}  // namespace chronograd
