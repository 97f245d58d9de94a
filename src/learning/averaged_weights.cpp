// SPDX-License-Identifier: Apache-2.0
#include "learning/averaged_weights.hpp"

#include <algorithm>
#include <cmath>

namespace chronograd {
namespace {

constexpr std::int64_t remembered = 200;  // losses

}  // namespace

template <class T>
AveragedWeights<T>::AveragedWeights(double share, const Weights<T>& first) : share_(share) {
  if (!on()) return;
  mean_.theta.resize(first.theta.size());
  mean_.feedback.resize(first.feedback.size());
  restart(first);
}

template <class T>
void AveragedWeights<T>::restart(const Weights<T>& first) {
  if (!on()) return;
  std::copy_n(first.theta.data(), first.theta.size(), mean_.theta.data());
  std::copy_n(first.feedback.data(), first.feedback.size(), mean_.feedback.data());
  behind_ = 0;
  losses_ = 0;
}

template <class T>
void AveragedWeights<T>::judge(const LossSum& mean, const LossSum& learning) {
  if (!on() || learning.weight == 0) return;
  losses_ += learning.steps;
  const std::int64_t window = std::min(losses_, std::max(remembered, learning.steps));
  const double part = static_cast<double>(learning.steps) / static_cast<double>(window);
  behind_ += part * (mean.loss / mean.weight - learning.loss / learning.weight - behind_);
}

template <class T>
void AveragedWeights<T>::follow(const Weights<T>& learning, std::int64_t updates) {
  if (!on()) return;
  const T part = static_cast<T>(std::min(1.0, 1 / (share_ * static_cast<double>(updates))));
  const T* theta = learning.theta.data();
  T* mean = mean_.theta.data();
  for (std::size_t i = 0; i < mean_.theta.size(); ++i) mean[i] += part * (theta[i] - mean[i]);
  // Only the readout's weights predict: a way back for errors is not averaged.
  std::copy_n(learning.feedback.data(), learning.feedback.size(), mean_.feedback.data());
}

template <class T>
bool AveragedWeights<T>::finite() const {
  return std::isfinite(behind_);
}

template <class T>
void AveragedWeights<T>::state(Archive& archive) {
  if (!on()) return;
  archive.array("theta", mean_.theta.span());
  archive.array("feedback", mean_.feedback.span());
  archive.array("behind", {&behind_, 1});
  archive.number("losses", losses_);
}

template class AveragedWeights<float>;
template class AveragedWeights<double>;

}  // namespace chronograd
