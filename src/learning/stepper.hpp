// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "learning/batch.hpp"
#include "learning/other_states.hpp"
#include "learning/rate_cost.hpp"
#include "network/readout.hpp"

namespace chronograd {

/// Runs some streams of a network through segments: forward pass, losses, credit, and the rules. One thread; several
/// steppers share the work of a batch.
template <class T>
class Stepper {
 public:
  /// `rule`, made for these streams, may be null: forward passes only. `longest` is the largest K asked for.
  Stepper(const Network<T>& network, std::unique_ptr<Rule<T>> rule, int streams, int first_stream, int longest);

  /// A row begins: state from batch.state or zero; rules forget what they carried. `pass` numbers the rows' passes, so
  /// that noise and random rules draw anew in each.
  /// The batch's first step is step `t0` of the row. `first_stream`: the number of the first of the streams is that
  /// from now on (-1: as it was), for a rule that draws nothing.
  void begin(const Batch<T>& batch, std::int64_t pass, std::int64_t t0 = 0, int first_stream = -1);

  /// Runs steps [from, from + K) of the batch under `weights`; adds the gradient of all parameters to `grad` (null:
  /// none is wanted). `last`: the row ends with it. Returns the sum of the weighted losses.
  double run(const Weights<T>& weights, const Batch<T>& batch, int from, int steps, bool last, T* grad) {
    forward(weights, batch, from, steps, last);
    return learn(weights, batch, from, grad);
  }
  /// The first half of `run`: states, noise and readout. Of the batch it needs inputs and resets alone, so it can come
  /// before targets are known. Between the two halves the state before the pass is kept: it can be run again.
  void forward(const Weights<T>& weights, const Batch<T>& batch, int from, int steps, bool last);
  /// The outputs [K][B][m] of that pass, after the activation; valid until the next pass.
  const T* outputs() { return readout_.outputs(); }
  /// Ends a forward pass without learning: the state after it is the one before the next pass.
  void rest() { network_.stack.carry(layers_); }
  /// The second half, under the same weights: losses, credit, rules; then the state after the pass is the one before
  /// the next.
  double learn(const Weights<T>& weights, const Batch<T>& batch, int from, T* grad);
  /// Runs a whole row, whose first steps are next, for its units' rates alone, in segments of up to `longest` steps;
  /// then the row begins again. For rates that segments are to know before the row has ended.
  void survey(const Weights<T>& weights, const Batch<T>& batch, int longest);
  RateCost<T>& rates() { return rates_; }
  /// Adds what the rule held back until the end of the row.
  void flush(T* grad) {
    if (rule_) rule_->flush(grad);
  }

  /// The same for the watched rules.
  void flush_watched() {
    for (Watched& watched : watched_) watched.rule->flush(watched.grad);
  }

  /// A rule that is fed the same segments with the true credit (symmetric feedback) and changes nothing; its gradient
  /// of the cell's parameters goes to `grad`.
  void watch(std::unique_ptr<Rule<T>> rule, T* grad);

  Seen<T> seen() const { return readout_.seen(top().h, top().h_ld); }
  /// The state of stream b before the next step, with what takes no credit: Stack::memory() numbers, and with a mean
  /// output one more, how much has been summed.
  std::vector<T> state_of(int b) const;
  Rule<T>* rule() { return rule_.get(); }
  /// The gradient of the w-th rule to be watched goes there from now on.
  void watch_into(std::size_t w, T* grad) { watched_[w].grad = grad; }
  /// The rule that was the w-th to be watched.
  Rule<T>& watched(std::size_t w) { return *watched_[w].rule; }
  /// Where it runs, bottom first: who has regressors beside the cell's own writes them there before a pass.
  std::span<Segment<T>> layers() { return layers_; }
  /// Lends threads to all of its rules.
  void use(Crew* crew);
  int streams() const { return bottom().streams; }
  /// Goes on from where another stepper of the same network and streams is.
  void continue_from(const Stepper& other);
  /// Visits all that the next segment depends on.
  void state(Archive& archive);

 private:
  void begin_again(const Batch<T>& batch, std::int64_t pass, std::int64_t t0);
  void fill(const Batch<T>& batch, int from, int steps);
  void count(const Batch<T>& batch, int from, int steps);
  int kept_numbers() const { return network_.stack.memory() + (network_.averages() ? 1 : 0); }

  Segment<T>& bottom() { return layers_.front(); }
  const Segment<T>& bottom() const { return layers_.front(); }
  const Segment<T>& top() const { return layers_.back(); }

  const Network<T>& network_;
  int first_stream_;
  std::vector<Segment<T>> layers_;  ///< bottom first
  Readout<T> readout_;
  std::unique_ptr<OtherStates<T>> other_states_;  ///< for rules that ask
  RateCost<T> rates_;
  Buffer<T> counted_, divisor_;  ///< mean outputs: [B] what steps have counted so far, [K][B] after each of the segment
  std::unique_ptr<Rule<T>> rule_;
  struct Watched {
    std::unique_ptr<Rule<T>> rule;
    T* grad;
  };
  std::vector<Watched> watched_;
  Buffer<T> c_, watched_c_, xi_;
};

}  // namespace chronograd
