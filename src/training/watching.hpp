// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/crew.hpp"
#include "chronograd/archive.hpp"
#include "chronograd/config.hpp"
#include "chronograd/task.hpp"
#include "learning/stepper.hpp"
#include "network/initial.hpp"
#include "network/network.hpp"
#include "training/alignment.hpp"
#include "training/kept_gradients.hpp"
#include "training/plan.hpp"
#include "training/share.hpp"

namespace chronograd {

/// Passive comparison: the rules of watch.rules beside the one that learns, on its trajectory, with the true credit.
/// Where an interval is a whole row each runs through the rows that are compared on its own, in segments that suit it;
/// else it is fed every segment that the learning rule is fed, and gradients are compared that are of the same steps.
template <class T>
class Watching {
 public:
  /// Throws Error (usage) for a rule that cannot be fed in these intervals.
  Watching(const Network<T>& network, const Config& config, const TrainSettings& settings, const Structure& structure,
           const Task& task, const Plan& plan);

  bool any() const { return !rules_.empty(); }
  /// Joins the streams of a stepper, from `first_stream`; `batch` is what the stepper is run on.
  /// What is known of the rates of its rows, when a comparison is due, is in `rates`.
  void add_shard(Stepper<T>& stepper, int first_stream, const Batch<T>& batch, const RateCost<T>& rates);

  /// Threads for the rules that run on their own: shared out over them where there are several shards, else lent to
  /// each. They change no bit. After all shards were added.
  void use(Crew& crew, const Plan& plan);

  /// After an interval, before its update: where a comparison is due, compares `grad`, all parameters' gradient.
  /// Its own shards are those of `share`. `row_ends`: the interval is the last of its row.
  void compare(const Buffer<T>& grad, std::int64_t updates, const Weights<T>& weights, std::int64_t pass, bool row_ends,
               const Share& share);

  /// The comparisons since the last call.
  void report(Metrics& metrics);
  /// Those of the whole run and, if watch.credit asks for it and the run is done, the map of credit.
  /// Where `going` says no the run has been stopped, and nothing of this was measured.
  void finish(RunResult& result, const Weights<T>& weights, const std::function<bool()>& going);

  /// What the rules of one shard keep.
  void memory(Archive& archive, std::size_t shard);
  /// What was measured so far.
  void state(Archive& archive);

 private:
  struct Watched {
    std::string word;
    RuleSettings rule;
    std::int64_t every;  ///< its update.every
    int segment;         ///< the longest; 0: the learning rule's
    bool in_turns;       ///< a stepper of its own takes shards in turns
  };
  struct Shard {
    Stepper<T>* stepper;
    const Batch<T>* batch;
    const RateCost<T>* rates;
    std::vector<Buffer<T>> grad;                   ///< one for each rule
    std::vector<std::unique_ptr<Stepper<T>>> own;  ///< likewise, where intervals are rows; null: in turns
    int first;
  };
  using Steppers = std::vector<std::unique_ptr<Stepper<T>>>;
  void run_rows(const Weights<T>& weights, std::int64_t pass);
  void run_row(Shard& shard, std::size_t rule, Stepper<T>& own, const Weights<T>& weights, std::int64_t pass);
  Stepper<T>& stepper_of(std::size_t worker, Shard& shard, std::size_t rule) {
    return rules_[rule].in_turns ? *turns_[worker][rule] : *shard.own[rule];
  }
  std::unique_ptr<Stepper<T>> stepper_for(const Watched& rule, int streams, int first_stream) const;

  const Network<T>& network_;
  const Config& config_;
  const TrainSettings& settings_;
  RuleSettings learning_;
  const Structure& structure_;
  const Task& task_;
  bool rows_;
  std::vector<Watched> rules_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<Steppers> turns_;  ///< of each thread one for each rule that takes shards in turns
  Crew* crew_ = nullptr;         ///< null: none to share
  int workers_ = 1;              ///< threads that share
  KeptGradients<T> kept_;        ///< of the rule that learns and of those that are watched
  AlignmentTable since_report_, run_;
};

}  // namespace chronograd
