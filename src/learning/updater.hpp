// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "chronograd/optimizer.hpp"
#include "network/initial.hpp"
#include "network/network.hpp"

namespace chronograd {

/// From a gradient to new parameters: shared weights, L2, absent weights, frozen parameters, clipping, the schedule and
/// the optimiser, then the range of weights, Dale's law and the feedback matrix if it learns. The gradient is zero
/// afterwards. A shared number counts once: its gradient is the signed sum over its places, its L2 and its part of the
/// norm are those of one weight.
template <class T>
class Updater {
 public:
  /// `horizon` is the number of updates of the run (for schedules), 0 if it is not known.
  Updater(const Network<T>& network, const Config& config, const Structure& structure, std::int64_t horizon);

  void update(Weights<T>& weights, std::span<T> grad);
  std::int64_t updates() const { return updates_; }
  /// The rate that the next update will use.
  double rate() const;
  void state(Archive& archive);

 private:
  void fix(const std::vector<std::size_t>& absent);
  void clip(std::span<T> grad) const;
  void choose_clamped(const Structure& structure);
  void clamp(T* theta) const;

  const Network<T>& network_;
  Options settings_;
  std::unique_ptr<Optimizer<T>> optimizer_;
  std::vector<std::size_t> frozen_, decayed_;
  /// The parameters from the first one to the last one that is absent or frozen: where they lie, and a bit for each
  /// that is neither.
  std::size_t fixed_at_ = 0, fixed_count_ = 0;
  std::vector<std::uint64_t> moves_;
  struct Signed {
    std::size_t index;
    T sign;
  };
  std::vector<Signed> dale_;
  std::vector<std::size_t> clamped_;  ///< weights that are kept in [low_, high_]: of shared ones the first place
  std::vector<std::size_t> narrow_;   ///< and these in both that range and its mirror image: a place has the sign -1
  T low_ = 0, high_ = 0;
  std::vector<std::vector<Signed>> ties_;
  double l2_, clip_, feedback_decay_, constant_rate_;
  bool constant_;
  std::int64_t horizon_, updates_ = 0;
  std::vector<T> kept_, before_;
};

}  // namespace chronograd
