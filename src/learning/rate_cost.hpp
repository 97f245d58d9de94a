// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "chronograd/archive.hpp"
#include "learning/batch.hpp"
#include "network/network.hpp"

namespace chronograd {

/// A sum of rate costs, c/2 sum (r - target)^2 over all units, and of how many: one for a stream's row, for a batch, or
/// for a step of a stream.
struct RatesCharged {
  double cost = 0, count = 0;
};

/// The cost of units' rates ([regularise]) as credit on states of units, for some streams: on h, or on the filter of
/// h where that is what is charged. What counts as a unit is each number of h in each layer.
template <class T>
class RateCost {
 public:
  /// `network` must outlive it.
  RateCost(const Network<T>& network, int streams);

  bool on() const { return settings_.on(); }
  /// A row begins, and nothing is known of its rates.
  void begin();

  /// Whole rows: adds the steps of a segment, which are steps [from, from + K) of the batch, after its forward pass.
  void count(Layers<T> layers, const Batch<T>& batch, int from);
  /// The row has been counted to its end: what comes is the same row again, to be learnt from.
  void close() { closed_ = true; }
  /// What was counted of all streams: of each unit the sum of h, and then the number of steps.
  std::vector<double> counted() const;
  /// The same of the whole batch.
  void of_batch(const std::vector<double>& counted) { batch_ = counted; }
  /// Knows of a row what another stepper with the same streams has learnt from it.
  void know(const RateCost& other);

  /// The credit of a segment after its forward pass, valid until the next one; none where there is no cost. A row that
  /// was not counted before is this segment.
  std::span<const FurtherCredit<T>> credit(Layers<T> layers, const Batch<T>& batch, int from);

  /// What was charged since it was asked last.
  RatesCharged charged() { return std::exchange(charged_, {}); }

  /// Visits what the next segment depends on.
  void state(Archive& archive);

 private:
  std::size_t unit(int group, int b) const { return area(group * streams_ + b, units_); }
  void credit_row(const Batch<T>& batch, int from, int steps);
  void credit_steps(Layers<T> layers, const Batch<T>& batch, int from);
  const T* rate_after(Layers<T> layers, int k, int b, int group);
  /// Lists the states that are charged, with room for `steps` credits of each: one a step, or one for `each` of them.
  void reserve(int steps, bool each);
  void charge(double squares);

  const Network<T>& network_;
  const RateSettings& settings_;
  int streams_, units_, heads_, groups_;  ///< B, d, H; groups of d units: N H
  bool closed_ = false;
  std::vector<double> sums_, steps_;  ///< [groups][B][d] of h in the row, [B] of how many steps
  std::vector<double> batch_;         ///< [groups][d] sums over the batch, its steps; empty: of these streams
  Buffer<T> running_;                 ///< [groups][B][d]
  Buffer<T> q_;                       ///< [groups][K or 1][B][d]
  std::vector<FurtherCredit<T>> list_;
  RatesCharged charged_;
};

}  // namespace chronograd
