// SPDX-License-Identifier: Apache-2.0
#include "training/measures.hpp"

#include <cmath>
#include <limits>

namespace chronograd {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double mean_measure(const std::vector<double>& values) {
  double sum = 0, count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    count += 1;
  }
  return count > 0 ? sum / count : none;
}

MeasureTally::MeasureTally(int outputs, bool classes) : m_(static_cast<std::size_t>(outputs)), classes_(classes) {
  if (classes) {
    for (auto* each : {&hits_, &targets_, &answers_}) each->resize(m_);
    if (m_ <= Measures::most_confused) confusion_.resize(m_ * m_);
  } else {
    for (auto* each : {&errors_, &squares_, &mean_, &spread_}) each->resize(m_);
  }
}

template <class T>
void MeasureTally::add(const Seen<T>& seen, int streams) {
  if (classes_) return;
  for (std::size_t row = 0; row < static_cast<std::size_t>(seen.steps) * static_cast<std::size_t>(streams); ++row) {
    const auto weight = static_cast<double>(seen.mask[row]);
    if (weight == 0) continue;
    weight_ += weight;
    add_numbers(weight, seen.y + row * m_, seen.target + row * m_);
  }
}

/// The spread of a target about its mean is summed as Welford does: exactly 0 where the target is constant.
template <class T>
void MeasureTally::add_numbers(double weight, const T* y, const T* target) {
  for (std::size_t k = 0; k < m_; ++k) {
    const auto wanted = static_cast<double>(target[k]);
    const double error = static_cast<double>(y[k]) - wanted, from_mean = wanted - mean_[k];
    errors_[k] += weight * std::fabs(error);
    squares_[k] += weight * error * error;
    mean_[k] += from_mean * (weight / weight_);
    spread_[k] += weight * from_mean * (wanted - mean_[k]);
  }
}

void MeasureTally::add(const Decision& decision) {
  const auto [answer, target, weight] = decision;
  targets_[target] += weight;
  answers_[answer] += weight;
  if (answer == target) hits_[target] += weight;
  if (!confusion_.empty()) confusion_[target * m_ + answer] += weight;
}

/// Two means and spreads become one as Chan, Golub and LeVeque do.
void MeasureTally::add(const MeasureTally& later) {
  const auto add_all = [](std::vector<double>& to, const std::vector<double>& from) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  };
  for (const auto which : {&MeasureTally::errors_, &MeasureTally::squares_, &MeasureTally::hits_,
                           &MeasureTally::targets_, &MeasureTally::answers_, &MeasureTally::confusion_})
    add_all(this->*which, later.*which);
  if (classes_ || later.weight_ == 0) return;
  const double before = weight_, share = later.weight_ / (before + later.weight_);
  weight_ = before + later.weight_;
  for (std::size_t k = 0; k < m_; ++k) {
    const double apart = later.mean_[k] - mean_[k];
    mean_[k] = before == 0 ? later.mean_[k] : mean_[k] + apart * share;
    spread_[k] += later.spread_[k] + (before == 0 ? 0 : apart * apart * before * share);
  }
}

void MeasureTally::state(Archive& archive) {
  archive.array("weight", {&weight_, 1});
  int number = 0;
  for (std::vector<double>* each : {&errors_, &squares_, &mean_, &spread_, &hits_, &targets_, &answers_, &confusion_})
    archive.array(numbered(archive, "sums", number++), *each);
}

Measures MeasureTally::measures() const {
  Measures out;
  if (classes_) {
    std::vector<double> f1;
    for (std::size_t k = 0; k < m_; ++k)
      if (targets_[k] + answers_[k] > 0) f1.push_back(2 * hits_[k] / (targets_[k] + answers_[k]));
    out.macro_f1 = mean_measure(f1);
    out.classes = m_;
    out.confusion = confusion_;
    return out;
  }
  for (std::size_t k = 0; k < m_; ++k) {
    out.mae.push_back(weight_ > 0 ? errors_[k] / weight_ : none);
    out.r2.push_back(spread_[k] > 0 ? 1 - squares_[k] / spread_[k] : none);
  }
  return out;
}

template void MeasureTally::add(const Seen<float>&, int);
template void MeasureTally::add(const Seen<double>&, int);

}  // namespace chronograd
