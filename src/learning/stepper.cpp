// SPDX-License-Identifier: Apache-2.0
#include "learning/stepper.hpp"

#include <algorithm>
#include <cstring>

#include "base/sizes.hpp"
#include "chronograd/random.hpp"
#include "chronograd/third_factor.hpp"

namespace chronograd {

template <class T>
Stepper<T>::Stepper(const Network<T>& network, std::unique_ptr<Rule<T>> rule, int streams, int first_stream,
                    int longest)
    : network_(network),
      first_stream_(first_stream),
      readout_(network, streams, longest),
      other_states_(std::make_unique<OtherStates<T>>(network, streams, longest)),
      rates_(network, streams),
      rule_(std::move(rule)) {
  if (rule_) rule_->judge_by(other_states_.get());
  network.stack.prepare(layers_, longest, streams);
  const int rows = longest * streams, d = network.stack.units();
  if (network.averages()) {
    counted_.resize(area(streams, 1));
    divisor_.resize(area(rows, 1));
  }
  if (network.stack.noisy()) xi_.resize(area(rows, d * network.stack.layers()));
  if (rule_) c_.resize(area(rows, network.stack.shown_width()));
}

template <class T>
void Stepper<T>::begin(const Batch<T>& batch, std::int64_t pass, std::int64_t t0, int first_stream) {
  if (first_stream >= 0) first_stream_ = first_stream;
  begin_again(batch, pass, t0);
  rates_.begin();
}

template <class T>
void Stepper<T>::begin_again(const Batch<T>& batch, std::int64_t pass, std::int64_t t0) {
  const int width = network_.stack.shown_width(), more = network_.stack.more(), L = network_.stack.layers(),
            given = network_.stack.states() * network_.stack.units();
  // What takes no credit is given where another stepper's state is.
  const int kept = kept_numbers();
  const bool all = batch.state.size() == area(bottom().streams, kept);
  const int own = all ? width + more : given, sums = network_.stack.units() * network_.stack.record().shown;
  for (int l = 0; l < network_.stack.layers(); ++l) {
    Segment<T>& segment = layers_[static_cast<std::size_t>(l)];
    segment.t0 = t0;
    segment.pass = pass;
    for (int b = 0; b < segment.streams; ++b) {
      T* h = segment.z.data() + area(b, network_.stack.layer(l).ld());
      T* further = segment.hidden.data() + area(b, more);
      std::fill_n(further, more, T(0));
      if (batch.state.size() > 0) {
        const T* state = batch.state.data() + area(b, all ? kept : L * own) + area(l, own);
        std::copy_n(state, width, h);
        std::copy_n(state + width, own - width, further);
        if (network_.averages() && !all) std::fill_n(further + sums - width, width, T(0));  // a mean begins at zero
      } else {
        std::fill_n(h, width, T(0));
      }
    }
  }
  for (int b = 0; network_.averages() && b < bottom().streams; ++b)
    counted_[static_cast<std::size_t>(b)] = all ? batch.state[area(b, kept) + area(kept - 1, 1)] : T(0);
  if (rule_) rule_->begin();
  for (Watched& watched : watched_) watched.rule->begin();
}

template <class T>
void Stepper<T>::survey(const Weights<T>& weights, const Batch<T>& batch, int longest) {
  const std::int64_t pass = bottom().pass;
  for (int k = 0; k < batch.steps; k += longest) {
    const int steps = std::min(longest, batch.steps - k);
    forward(weights, batch, k, steps, k + steps == batch.steps);
    rates_.count(layers_, batch, k);
    rest();
  }
  begin_again(batch, pass, 0);
  rates_.close();
}

template <class T>
void Stepper<T>::forward(const Weights<T>& weights, const Batch<T>& batch, int from, int steps, bool last) {
  fill(batch, from, steps);
  bottom().last = last;
  network_.stack.forward(layers_, weights.theta.data(), xi_.size() > 0 ? xi_.data() : nullptr);
  if (network_.averages()) count(batch, from, steps);
  readout_.read(weights, top().steps, top().shown, top().shown_ld, network_.averages() ? divisor_.data() : nullptr);
}

template <class T>
double Stepper<T>::learn(const Weights<T>& weights, const Batch<T>& batch, int from, T* grad) {
  const int B = top().streams;
  const T *target = batch.y.data() + area(from * B, network_.outputs), *mask = batch.mask.data() + area(from, B),
          *weight = batch.weight.data() + area(from, B);
  const double sum = readout_.judge(target, mask, weight);
  other_states_->look_at({.steps = top().steps,
                          .weights = &weights,
                          .divisor = network_.averages() ? divisor_.data() : nullptr,
                          .target = target,
                          .mask = mask,
                          .weight = weight});
  const T* third = batch.third.size() > 0 ? batch.third.data() + area(from * B, network_.third) : nullptr;
  std::span<const FurtherCredit<T>> further;
  if (grad || !watched_.empty()) further = rates_.credit(layers_, batch, from);
  for (Watched& watched : watched_) {
    // Rules use their credit up: each gets its own. What is watched is measured against the true credit.
    readout_.true_credit(weights, watched_c_.data());
    if (third) hear_third(*watched.rule, third);
    watched.rule->learn(layers_, {watched_c_.data(), readout_.err(), readout_.lesson(), further}, watched.grad);
  }
  if (grad) {
    readout_.gradient(grad);
    readout_.credit(weights, c_.data());
    if (third) hear_third(*rule_, third);
    rule_->learn(layers_, {c_.data(), readout_.err(), readout_.lesson(), further}, grad);
  }
  network_.stack.carry(layers_);
  return sum;
}

/// How much each mean output of the segment is made of. A stream that begins anew begins a new mean.
template <class T>
void Stepper<T>::count(const Batch<T>& batch, int from, int steps) {
  const int B = bottom().streams;
  for (int row = 0; row < steps * B; ++row) {
    const auto r = static_cast<std::size_t>(row), b = static_cast<std::size_t>(row % B);
    if (bottom().cut[r] != 0) counted_[b] = 0;
    counted_[b] += batch.count[area(from, B) + r];
    divisor_[r] = counted_[b] == T(0) ? T(1) : counted_[b];
  }
}

/// Inputs into the regressors, resets into the cuts, noise.
template <class T>
void Stepper<T>::fill(const Batch<T>& batch, int from, int steps) {
  const Cell<T>& cell = network_.stack.layer(0);
  Segment<T>& segment = bottom();
  const int B = segment.streams, n = cell.inputs(), ld = cell.ld();
  segment.steps = steps;
  const T* x = batch.x.data() + area(from * B, n);
  T* z = segment.z.data() + cell.layout().input_at;
  for (int row = 0; row < steps * B; ++row) std::copy_n(x + area(row, n), n, z + area(row, ld));
  if (network_.averages()) std::copy_n(batch.count.data() + area(from, B), area(steps, B), segment.weight.data());
  const std::uint8_t* reset = batch.reset.data() + area(from, B);
  segment.any_cut = false;
  for (int row = 0; row < steps * B; ++row) {
    segment.cut[static_cast<std::size_t>(row)] = reset[row];
    segment.any_cut |= reset[row] != 0;
  }
  if (xi_.size() == 0) return;
  const int d = network_.stack.units(), L = network_.stack.layers();
  for (int k = 0; k < steps; ++k)
    for (int b = 0; b < B; ++b) {
      const auto stream =
          static_cast<std::uint64_t>(segment.pass) << 32 | static_cast<std::uint64_t>(first_stream_ + b);
      Random random(network_.seed, Draw::noise, stream, static_cast<std::uint64_t>(segment.t0 + k));
      for (int l = 0; l < L; ++l) {
        T* xi = xi_.data() + area((l * steps + k) * B + b, d);
        for (int i = 0; i < d; ++i) xi[i] = static_cast<T>(random.normal());
      }
    }
}

template <class T>
void Stepper<T>::watch(std::unique_ptr<Rule<T>> rule, T* grad) {
  watched_c_.resize(area(top().capacity * top().streams, network_.stack.shown_width()));
  rule->judge_by(other_states_.get());
  watched_.push_back({std::move(rule), grad});
}

template <class T>
void Stepper<T>::use(Crew* crew) {
  if (rule_) rule_->use(crew);
  for (Watched& watched : watched_) watched.rule->use(crew);
}

template <class T>
std::vector<T> Stepper<T>::state_of(int b) const {
  const int d = network_.stack.shown_width(), more = network_.stack.more();
  std::vector<T> state;
  for (int l = 0; l < network_.stack.layers(); ++l) {
    const Segment<T>& segment = layers_[static_cast<std::size_t>(l)];
    const T* h = segment.z.data() + area(b, network_.stack.layer(l).ld());
    const T* further = segment.hidden.data() + area(b, more);
    state.insert(state.end(), h, h + d);
    state.insert(state.end(), further, further + more);
  }
  if (network_.averages()) state.push_back(counted_[static_cast<std::size_t>(b)]);
  return state;
}

template <class T>
void Stepper<T>::continue_from(const Stepper& other) {
  const int d = network_.stack.shown_width(), more = network_.stack.more();
  for (int l = 0; l < network_.stack.layers(); ++l) {
    Segment<T>& to = layers_[static_cast<std::size_t>(l)];
    const Segment<T>& from = other.layers_[static_cast<std::size_t>(l)];
    const int ld = network_.stack.layer(l).ld();
    for (int b = 0; b < to.streams; ++b) std::copy_n(from.z.data() + area(b, ld), d, to.z.data() + area(b, ld));
    std::copy_n(from.hidden.data(), area(to.streams, more), to.hidden.data());
    to.t0 = from.t0;
    to.pass = from.pass;
  }
  std::copy_n(other.counted_.data(), counted_.size(), counted_.data());
}

template <class T>
void Stepper<T>::state(Archive& archive) {
  // Between segments the state lies in the first row of regressors and of further states.
  const int d = network_.stack.shown_width(), more = network_.stack.more();
  for (int l = 0; l < network_.stack.layers(); ++l) {
    Segment<T>& segment = layers_[static_cast<std::size_t>(l)];
    for (int b = 0; b < segment.streams; ++b)
      archive.array(archive.named() ? layer_name("h" + std::to_string(b), l) : "",
                    {segment.z.data() + area(b, network_.stack.layer(l).ld()), static_cast<std::size_t>(d)});
    if (more > 0) archive.array(layer_name("hidden", l), {segment.hidden.data(), area(segment.streams, more)});
  }
  if (network_.averages()) archive.array("counted", counted_.span());
  archive.number("t", bottom().t0);
  archive.number("pass", bottom().pass);
  rates_.state(archive);
  if (rule_) {
    Within rule(archive, "rule/");
    rule_->state(rule);
  }
  for (std::size_t w = 0; w < watched_.size(); ++w) {
    Within rule(archive, "watched" + std::to_string(w) + "/");
    watched_[w].rule->state(rule);
  }
}

template class Stepper<float>;
template class Stepper<double>;

}  // namespace chronograd
