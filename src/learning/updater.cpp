// SPDX-License-Identifier: Apache-2.0
#include "learning/updater.hpp"

#include <algorithm>
#include <cmath>

#include "chronograd/error.hpp"
#include "math/kernels.hpp"

namespace chronograd {

template <class T>
Updater<T>::Updater(const Network<T>& network, const Config& config, const Structure& structure, std::int64_t horizon)
    : network_(network), settings_(config.table("optimizer")), horizon_(horizon) {
  const auto& record = find_record<OptimizerRecord>("optimizer.name", settings_.word("name"));
  if constexpr (sizeof(T) == sizeof(float))
    optimizer_ = record.make_float(record, settings_, network.map.size());
  else
    optimizer_ = record.make_double(record, settings_, network.map.size());
  std::vector<RowBlock> units;
  for (const StackBlock& block : network.stack.blocks())
    units.push_back({block.begin, block.rows, block.cols, block.row});
  optimizer_->know(units);
  l2_ = settings_.number("l2");
  clip_ = settings_.number("clip");
  feedback_decay_ = network.feedback.learns ? config.table("rule").number("feedback_decay") : 0;
  constant_ = settings_.word("schedule") == "constant" && settings_.integer("warmup") == 0;
  constant_rate_ = settings_.number("lr");
  if (l2_ > 0)
    for (const ParameterMap::Parameter& parameter : network.map.parameters())
      if (parameter.role != ParameterMap::Role::bias && parameter.role != ParameterMap::Role::readout_bias)
        decayed_.insert(decayed_.end(), parameter.index.begin(), parameter.index.end());
  const Options& model = config.table("model");
  if (model.has("freeze"))
    for (const std::string& name : model.words("freeze")) {
      const ParameterMap::Parameter* parameter = network.map.find(name);
      if (!parameter) throw_unknown_name("model.freeze", name, network.map.names());
      frozen_.insert(frozen_.end(), parameter->index.begin(), parameter->index.end());
    }
  fix(structure.absent);
  kept_.resize(frozen_.size());
  if (network.feedback.learns) before_.resize(network.readout.bias_at());
  const auto signed_weights = [](const std::vector<Structure::Sign>& from) {
    std::vector<Signed> out;
    for (const Structure::Sign& weight : from) out.push_back({weight.index, static_cast<T>(weight.sign)});
    return out;
  };
  dale_ = signed_weights(structure.dale);
  for (const auto& tie : structure.ties) {
    ties_.push_back(signed_weights(tie));
    for (std::size_t i = 1; i < tie.size(); ++i) std::erase(decayed_, tie[i].index);
  }
  if (settings_.has("clamp")) choose_clamped(structure);
}

template <class T>
void Updater<T>::choose_clamped(const Structure& structure) {
  const std::vector<double> range = settings_.numbers("clamp");
  if (range.size() != 2 || !(range[0] <= 0 && range[1] >= 0))
    throw Error(Exit::usage, "optimizer.clamp",
                "got " + std::to_string(range.size()) + (range.size() == 1 ? " number" : " numbers") +
                    ", allowed are two, [lo, hi] with lo <= 0 <= hi. Example: clamp = [-1.0, 1.0].");
  low_ = static_cast<T>(range[0]);
  high_ = static_cast<T>(range[1]);
  for (const ParameterMap::Parameter& parameter : network_.map.parameters())
    if (parameter.role != ParameterMap::Role::bias && parameter.role != ParameterMap::Role::readout_bias)
      clamped_.insert(clamped_.end(), parameter.index.begin(), parameter.index.end());
  std::sort(clamped_.begin(), clamped_.end());
  const auto take_out = [&](std::size_t index) {
    const auto found = std::lower_bound(clamped_.begin(), clamped_.end(), index);
    if (found != clamped_.end() && *found == index) clamped_.erase(found);
  };
  for (const std::size_t index : frozen_) take_out(index);
  for (const auto& tie : structure.ties) {
    const auto differs = [&](const Structure::Sign& weight) { return weight.sign != tie[0].sign; };
    if (std::any_of(tie.begin(), tie.end(), differs) &&
        std::binary_search(clamped_.begin(), clamped_.end(), tie[0].index))
      narrow_.push_back(tie[0].index);
    for (std::size_t i = 1; i < tie.size(); ++i) take_out(tie[i].index);
  }
}

/// Keeps weights in the range, and what is shared one number.
template <class T>
void Updater<T>::clamp(T* theta) const {
  for (const std::size_t i : clamped_) theta[i] = std::clamp(theta[i], low_, high_);
  const T narrow = std::min(-low_, high_);
  for (const std::size_t i : narrow_) theta[i] = std::clamp(theta[i], -narrow, narrow);
  for (const std::vector<Signed>& tie : ties_)
    for (std::size_t i = 1; i < tie.size(); ++i) theta[tie[i].index] = tie[0].sign * tie[i].sign * theta[tie[0].index];
}

template <class T>
void Updater<T>::fix(const std::vector<std::size_t>& absent) {
  std::vector<std::size_t> fixed = absent;
  fixed.insert(fixed.end(), frozen_.begin(), frozen_.end());
  if (fixed.empty()) return;
  const auto [first, last] = std::minmax_element(fixed.begin(), fixed.end());
  fixed_at_ = *first;
  fixed_count_ = *last + 1 - *first;
  moves_.assign((fixed_count_ + 63) / 64, ~std::uint64_t{0});
  for (const std::size_t i : fixed) moves_[(i - fixed_at_) / 64] &= ~(std::uint64_t{1} << ((i - fixed_at_) % 64));
}

template <class T>
double Updater<T>::rate() const {
  return constant_ ? constant_rate_ : scheduled_rate(settings_, updates_, horizon_);
}

template <class T>
void Updater<T>::clip(std::span<T> grad) const {
  double squared = 0;
  for (T g : grad) squared += static_cast<double>(g) * static_cast<double>(g);
  const double norm = std::sqrt(squared);
  if (norm > clip_) kernels<T>().scale(static_cast<int>(grad.size()), static_cast<T>(clip_ / norm), grad.data());
}

template <class T>
void Updater<T>::update(Weights<T>& weights, std::span<T> grad) {
  T* theta = weights.theta.data();
  // The gradient of a shared number stands in its first place until it has been clipped.
  for (const std::vector<Signed>& tie : ties_) {
    T sum = 0;
    for (const Signed& weight : tie) {
      sum += weight.sign * grad[weight.index];
      grad[weight.index] = 0;
    }
    grad[tie[0].index] = tie[0].sign * sum;
  }
  for (std::size_t i : decayed_) grad[i] += static_cast<T>(l2_) * theta[i];
  kernels<T>().keep(static_cast<int>(fixed_count_), moves_.data(), grad.data() + fixed_at_);
  if (clip_ > 0) clip(grad);
  for (const std::vector<Signed>& tie : ties_)
    for (std::size_t i = 1; i < tie.size(); ++i) grad[tie[i].index] = tie[0].sign * tie[i].sign * grad[tie[0].index];
  // Momentum and decoupled decay move parameters without a gradient too: frozen ones are put back.
  for (std::size_t i = 0; i < frozen_.size(); ++i) kept_[i] = theta[frozen_[i]];
  const auto w = network_.map.readout_at(), size = network_.readout.bias_at();
  if (network_.feedback.learns) std::copy_n(theta + w, size, before_.begin());
  optimizer_->step(rate(), weights.theta.span(), grad);
  for (std::size_t i = 0; i < frozen_.size(); ++i) theta[frozen_[i]] = kept_[i];
  if (!clamped_.empty()) clamp(theta);
  for (const Signed& weight : dale_)
    if (theta[weight.index] * weight.sign < 0) theta[weight.index] = 0;
  if (network_.feedback.learns) {
    // Kolen and Pollack: B gets the increments of W_out, and both decay, so that their difference dies out.
    const T keep = static_cast<T>(1 - feedback_decay_);
    for (std::size_t i = 0; i < size; ++i) {
      weights.feedback[i] = keep * (weights.feedback[i] + (theta[w + i] - before_[i]));
      theta[w + i] *= keep;
    }
  }
  ++updates_;
}

template <class T>
void Updater<T>::state(Archive& archive) {
  archive.number("updates", updates_);
  Within state(archive, "state/");
  optimizer_->state(state);
}

template class Updater<float>;
template class Updater<double>;

}  // namespace chronograd
