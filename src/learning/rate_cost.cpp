// SPDX-License-Identifier: Apache-2.0
#include "learning/rate_cost.hpp"

#include <algorithm>

#include "base/sizes.hpp"

namespace chronograd {
namespace {

using Average = RateSettings::Average;

}  // namespace

template <class T>
RateCost<T>::RateCost(const Network<T>& network, int streams)
    : network_(network),
      settings_(network.rates),
      streams_(streams),
      units_(network.stack.units()),
      heads_(network.stack.record().heads),
      groups_(network.stack.layers() * heads_) {
  if (settings_.by_row()) {
    sums_.resize(unit(groups_, 0));
    steps_.resize(area(streams, 1));
  }
  if (settings_.is(Average::running)) running_.resize(unit(groups_, 0));
}

template <class T>
void RateCost<T>::begin() {
  closed_ = false;
  std::fill(sums_.begin(), sums_.end(), 0.0);
  std::fill(steps_.begin(), steps_.end(), 0.0);
  batch_.clear();
  running_.zero();
}

template <class T>
void RateCost<T>::count(Layers<T> layers, const Batch<T>& batch, int from) {
  for (int k = 0; k < layers[0].steps; ++k)
    for (int b = 0; b < streams_; ++b) {
      if (batch.idles(area(from + k, streams_) + static_cast<std::size_t>(b))) continue;
      steps_[static_cast<std::size_t>(b)] += 1;
      for (int group = 0; group < groups_; ++group) {
        const Segment<T>& segment = layers[static_cast<std::size_t>(group / heads_)];
        const T* h = segment.h + area(k * streams_ + b, segment.h_ld) + area(group % heads_, units_);
        double* sum = sums_.data() + unit(group, b);
        for (int i = 0; i < units_; ++i) sum[i] += static_cast<double>(h[i]);
      }
    }
}

template <class T>
std::vector<double> RateCost<T>::counted() const {
  std::vector<double> all(area(groups_, units_) + 1);
  for (int group = 0; group < groups_; ++group)
    for (int b = 0; b < streams_; ++b)
      for (int i = 0; i < units_; ++i)
        all[area(group, units_) + static_cast<std::size_t>(i)] += sums_[unit(group, b) + static_cast<std::size_t>(i)];
  for (const double steps : steps_) all.back() += steps;
  return all;
}

template <class T>
void RateCost<T>::know(const RateCost& other) {
  closed_ = true;
  sums_ = other.sums_;
  steps_ = other.steps_;
  batch_ = other.batch_;
}

template <class T>
void RateCost<T>::reserve(int steps, bool each) {
  const std::size_t of_step = area(streams_, units_), of_group = static_cast<std::size_t>(steps) * of_step;
  if (q_.size() < static_cast<std::size_t>(groups_) * of_group) q_.resize(static_cast<std::size_t>(groups_) * of_group);
  const int first = settings_.is(Average::filtered) ? network_.rates_at() : 0;
  list_.clear();
  for (int group = 0; group < groups_; ++group)
    list_.push_back({group / heads_, first + group % heads_, q_.data() + static_cast<std::size_t>(group) * of_group,
                     each ? of_step : 0});
}

template <class T>
void RateCost<T>::charge(double squares) {
  charged_.cost += 0.5 * settings_.cost * squares;
  charged_.count += 1;
}

template <class T>
std::span<const FurtherCredit<T>> RateCost<T>::credit(Layers<T> layers, const Batch<T>& batch, int from) {
  if (!on()) return {};
  if (!settings_.by_row()) {
    credit_steps(layers, batch, from);
    return list_;
  }
  if (!closed_) {
    begin();
    count(layers, batch, from);
  }
  credit_row(batch, from, layers[0].steps);
  return list_;
}

/// One credit for all steps of a stream's row: c (r - target)/T on h, since r = sum_t h_t/T.
template <class T>
void RateCost<T>::credit_row(const Batch<T>& batch, int from, int steps) {
  const bool of_batch = settings_.is(Average::batch);
  const std::vector<double> all = !of_batch ? std::vector<double>{} : batch_.empty() ? counted() : batch_;
  const std::size_t rows = area(steps, streams_), first = area(from, streams_);
  bool any_idle = false;
  for (std::size_t row = first; row < first + rows; ++row) any_idle |= batch.idles(row);
  const int kept = any_idle ? steps : 1;
  reserve(kept, any_idle);
  for (int b = 0; b < streams_; ++b) {
    const double length = of_batch ? all.back() : steps_[static_cast<std::size_t>(b)];
    const bool charges = length > 0 && (!of_batch || b == 0);  // a batch has one cost
    const double share = of_batch ? 1 : static_cast<double>(batch.share);
    double squares = 0;
    for (int group = 0; group < groups_; ++group)
      for (int i = 0; i < units_; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const double sum = of_batch ? all[area(group, units_) + at] : sums_[unit(group, b) + at];
        const double above = length > 0 ? sum / length - settings_.target : 0;
        squares += above * above;
        for (int k = 0; k < kept; ++k) {
          const bool none = batch.idles(first + area(k, streams_) + static_cast<std::size_t>(b));
          q_[area((group * kept + k) * streams_ + b, units_) + at] =
              none || length == 0 ? T(0) : static_cast<T>(share * settings_.cost * above / length);
        }
      }
    if (charges) charge(squares);
  }
}

/// A credit of each step, c (r - target), with what the average is by then.
template <class T>
void RateCost<T>::credit_steps(Layers<T> layers, const Batch<T>& batch, int from) {
  const int K = layers[0].steps;
  const auto cost = static_cast<T>(settings_.cost), target = static_cast<T>(settings_.target);
  reserve(K, true);
  for (int k = 0; k < K; ++k)
    for (int b = 0; b < streams_; ++b) {
      const bool none = batch.idles(area((from + k), streams_) + static_cast<std::size_t>(b));
      double squares = 0;
      for (int group = 0; group < groups_; ++group) {
        const T* rate = rate_after(layers, k, b, group);
        T* q = q_.data() + area((group * K + k) * streams_ + b, units_);
        for (int i = 0; i < units_; ++i) {
          const T above = rate[i] - target;
          squares += static_cast<double>(above) * static_cast<double>(above);
          q[i] = none ? T(0) : batch.share * cost * above;
        }
      }
      if (!none) charge(squares);
    }
}

/// [d] of stream b after step k: a filter among the states, or what runs on here by the step's h.
template <class T>
const T* RateCost<T>::rate_after(Layers<T> layers, int k, int b, int group) {
  const Segment<T>& segment = layers[static_cast<std::size_t>(group / heads_)];
  const int head = group % heads_, row = k * streams_ + b;
  if (settings_.is(Average::filtered))
    return segment.hidden_after + area(row, network_.stack.more()) + area(network_.rates_at() - heads_ + head, units_);
  const auto decay = static_cast<T>(settings_.decay);
  T* running = running_.data() + unit(group, b);
  if (layers[0].cut[static_cast<std::size_t>(row)] != 0) std::fill_n(running, units_, T(0));
  const T* h = segment.h + area(row, segment.h_ld) + area(head, units_);
  for (int i = 0; i < units_; ++i) running[i] = decay * running[i] + (1 - decay) * h[i];
  return running;
}

template <class T>
void RateCost<T>::state(Archive& archive) {
  if (running_.size() > 0) archive.array("rates", running_.span());
}

template class RateCost<float>;
template class RateCost<double>;

}  // namespace chronograd
