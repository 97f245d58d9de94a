// SPDX-License-Identifier: Apache-2.0
// What a Learner does: the steps of streams, in the order in which they come, through the parts that training is made
// of.
#pragma once

#include <optional>

#include "learning/averaged_weights.hpp"
#include "learning/stepper.hpp"
#include "learning/updater.hpp"
#include "network/initial.hpp"
#include "network/network.hpp"
#include "training/data.hpp"
#include "training/plan.hpp"

namespace chronograd {

/// Sizes of a learner: see Learner.
struct StreamSizes {
  int inputs, outputs, streams, delay, third = 0;
};

/// Up to three steppers share one set of weights:
///   front  takes one step at a time. It has the rule, unless that looks at windows.
///   back   has the rule of windows: it runs the steps of an interval again when all are there.
///   live   with a delay: runs ahead of the front and predicts.
template <class T>
class StreamLearner {
 public:
  /// Throws Error.
  StreamLearner(const Config& config, const StreamSizes& sizes, const Arrays* parameters);

  const T* predict(const T* x);
  double learn(const T* target, const T* weight, const T* third = nullptr);
  void reset(int stream);
  void learning(bool on);
  bool healthy() const { return healthy_; }

  /// Visits all that the next step depends on. After numbers were set, `go_on` must be called.
  void state(Archive& archive);
  /// False where the numbers are not those of a state.
  bool go_on();

  /// What a state belongs to, beside the configuration.
  std::vector<PlanNumber> plan() const;
  Arrays parameters() const;
  Weights<T>& weights() { return weights_; }
  const StreamSizes& sizes() const { return sizes_; }
  const Config& config() const { return config_; }
  std::int64_t steps() const { return steps_; }
  std::int64_t updates() const { return updater_.updates(); }

 private:
  void check(const Arrays* parameters);
  double close(const T* target, const T* weight, const T* third);
  void write_targets(int slot, const T* target, const T* weight, const T* third);
  void run_interval();
  void update();
  void look_at_weights();
  void fall_back();
  void rehearse();
  std::int64_t pattern() const;

  Config config_;
  StreamSizes sizes_;
  RuleSettings rule_;
  std::int64_t every_;  ///< K
  bool windows_;        ///< the rule looks at several steps at once
  int segment_ = 1;     ///< L, longest segment of the back
  Network<T> network_;
  Initial initial_;
  Arrays mapping_;
  Weights<T> weights_, good_;  ///< good: known to be finite
  Updater<T> updater_;
  Normalisation normalisation_;
  T one_;  ///< the weight in the objective of a loss that counts once
  Stepper<T> front_;
  std::optional<Stepper<T>> back_, live_;
  AveragedWeights<T> averaged_;
  std::optional<Stepper<T>> beside_;  ///< the step at hand under averaged weights
  LossSum of_mean_, of_learning_;     ///< of the interval so far, under averaged weights and those that learn
  Batch<T> kept_;                     ///< the step at hand; with windows the steps of the interval
  Batch<T> ahead_;                    ///< with a delay: the last D + 1 inputs and resets, a ring
  Buffer<std::uint8_t> resets_;       ///< [B] for the next step
  Buffer<T> grad_;
  std::int64_t steps_ = 0, gathered_ = 0, count_ = 0, unseen_updates_ = 0;  ///< count: steps in kept_
  bool open_ = false;                                                       ///< predict was called and learn was not
  bool learning_ = true, healthy_ = true;
};

}  // namespace chronograd
