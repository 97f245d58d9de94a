// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "network/initial.hpp"
#include "network/readout.hpp"

namespace chronograd {

/// Losses of some steps, each by its weight in the data.
struct LossSum {
  double loss = 0, weight = 0;
  std::int64_t steps = 0;  ///< whose weight is not 0

  /// Adds a segment of `streams` streams.
  template <class T>
  void add(const Seen<T>& seen, int streams) {
    for (int row = 0; row < seen.steps * streams; ++row) {
      const auto w = static_cast<double>(seen.mask[row]);
      if (w == 0) continue;
      loss += w * seen.unweighted[row];
      weight += w;
      ++steps;
    }
  }
  void state(Archive& archive, const std::string& name) {
    archive.array(name + "/loss", {&loss, 1});
    archive.array(name + "/weight", {&weight, 1});
    archive.number(name + "/steps", steps);
  }
  void add(const LossSum& other) {
    loss += other.loss;
    weight += other.weight;
    steps += other.steps;
  }
};

/// A running mean of the weights beside those that learn, over about the last `share` of the updates so far, and which
/// of the two predicts: the ones whose losses were smaller, in the mean over the last 200 losses before the prediction.
/// It runs on states of its own, which its owner keeps.
template <class T>
class AveragedWeights {
 public:
  /// `share` is train.average: in (0, 1], or 0, which switches it off.
  AveragedWeights(double share, const Weights<T>& first);

  bool on() const { return share_ > 0; }
  const Weights<T>& weights() const { return mean_; }
  /// True where they predict.
  bool lead() const { return behind_ < 0; }
  /// What predicts, of these and the ones that learn.
  const Weights<T>& better(const Weights<T>& learning) const { return lead() ? mean_ : learning; }
  /// The losses of the same steps under the mean weights and under those that learn.
  void judge(const LossSum& mean, const LossSum& learning);
  /// The weights have moved: those after `updates` updates, from 1.
  void follow(const Weights<T>& learning, std::int64_t updates);
  /// Begins anew from these weights.
  void restart(const Weights<T>& first);
  /// False where the losses of the mean weights or of those that learn were no numbers.
  bool finite() const;
  void state(Archive& archive);

 private:
  double share_;
  Weights<T> mean_;
  double behind_ = 0;        ///< mean loss of the mean weights, less that of those that learn
  std::int64_t losses_ = 0;  ///< so far
};

}  // namespace chronograd
