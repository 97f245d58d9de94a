// SPDX-License-Identifier: Apache-2.0
#include "learning/stepper.hpp"

#include <algorithm>
#include <cstring>

#include "base/sizes.hpp"
#include "chronograd/random.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"

namespace chronograd {
template <class T>
void Batch<T>::resize(int step_count, int stream_count, int inputs, int outputs) {
  steps = step_count;
  streams = stream_count;
  x.resize(area(steps * streams, inputs));
  y.resize(area(steps * streams, outputs));
  mask.resize(area(steps, streams));
  weight.resize(area(steps, streams));
  reset.resize(area(steps, streams));
}

template <class T>
std::unique_ptr<Rule<T>> make_rule(const Network<T>& network, const Config& config, const Structure& structure,
                                   const RuleRecord& record, int streams, int first_stream, const Signs& signs) {
  return make_rule<T>(RuleSetup<T>{record, network.stack, streams, network.outputs, first_stream, config.table("rule"),
                                   static_cast<std::uint64_t>(config.table("").integer("seed")), signs,
                                   structure.absent});
}

template <class T>
Stepper<T>::Stepper(const Network<T>& network, const Config& config, const Structure& structure, const RuleRecord* rule,
                    int streams, int first_stream, int longest, const Signs& signs)
    : network_(network),
      first_stream_(first_stream),
      seed_(static_cast<std::uint64_t>(config.table("").integer("seed"))) {
  network.stack.prepare(layers_, longest, streams);
  const int rows = longest * streams, m = network.outputs, d = network.stack.units();
  a_.resize(area(rows, m));
  y_.resize(area(rows, m));
  err_.resize(area(rows, m));
  target_.resize(area(rows, m));
  masked_.resize(area(rows, m));
  mask_.resize(area(rows, 1));
  weight_.resize(area(rows, 1));
  loss_.resize(area(rows, 1));
  unweighted_.resize(area(rows, 1));
  if (network.stack.noisy()) xi_.resize(area(rows, d * network.stack.layers()));
  if (rule) {
    rule_ = make_rule(network, config, structure, *rule, streams, first_stream, signs);
    c_.resize(area(rows, d));
  }
}

template <class T>
void Stepper<T>::begin(const Batch<T>& batch, std::int64_t pass, std::int64_t t0) {
  const int d = network_.stack.units(), own = network_.stack.states() * d;
  for (int l = 0; l < network_.stack.layers(); ++l) {
    Segment<T>& segment = layers_[static_cast<std::size_t>(l)];
    segment.t0 = t0;
    segment.pass = pass;
    for (int b = 0; b < segment.streams; ++b) {
      T* h = segment.z.data() + area(b, network_.stack.layer(l).ld());
      T* more = segment.hidden.data() + area(b, own - d);
      if (batch.state.size() > 0) {
        const T* state = batch.state.data() + area(b, network_.stack.width()) + area(l, own);
        std::copy_n(state, d, h);
        std::copy_n(state + d, own - d, more);
      } else {
        std::fill_n(h, d, T(0));
        std::fill_n(more, own - d, T(0));
      }
    }
  }
  if (rule_) rule_->begin();
  for (Watched& watched : watched_) watched.rule->begin();
}

template <class T>
void Stepper<T>::forward(const Weights<T>& weights, const Batch<T>& batch, int from, int steps, bool last) {
  fill(batch, from, steps);
  bottom().last = last;
  network_.stack.forward(layers_, weights.theta.data(), xi_.size() > 0 ? xi_.data() : nullptr);
  read_out(weights);
}

template <class T>
double Stepper<T>::learn(const Weights<T>& weights, const Batch<T>& batch, int from, T* grad) {
  const double sum = losses(batch, from);
  for (Watched& watched : watched_) {
    // Rules use their credit up: each gets its own. What is watched is measured against the true credit.
    credit(weights.theta.data() + network_.map.cell_size(), watched_c_.data());
    watched.rule->learn(layers_, {watched_c_.data(), err_.data(), lesson_}, watched.grad);
  }
  if (grad) {
    readout_gradient(grad);
    credit(network_.feedback.own_matrix ? weights.feedback.data() : weights.theta.data() + network_.map.cell_size(),
           c_.data());
    rule_->learn(layers_, {c_.data(), err_.data(), lesson_}, grad);
  }
  network_.stack.carry(layers_);
  return sum;
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
      Random random(seed_, Draw::noise, stream, static_cast<std::uint64_t>(segment.t0 + k));
      for (int l = 0; l < L; ++l) {
        T* xi = xi_.data() + area((l * steps + k) * B + b, d);
        for (int i = 0; i < d; ++i) xi[i] = static_cast<T>(random.normal());
      }
    }
}

template <class T>
void Stepper<T>::read_out(const Weights<T>& weights) {
  const int B = top().streams, rows = top().steps * B, m = network_.outputs, d = network_.stack.units();
  const T* w_out = weights.theta.data() + network_.map.cell_size();
  const T* b_y = weights.theta.data() + network_.map.bias_at();
  std::copy_n(b_y, m, a_.data());
  for (int row = 1; row < rows; row *= 2)
    std::copy_n(a_.data(), area(std::min(row, rows - row), m), a_.data() + area(row, m));
  gemm(Op::none, Op::transposed, rows, m, d, top().h, top().h_ld, w_out, d, T(1), a_.data(), m);
}

template <class T>
const T* Stepper<T>::outputs() {
  if (network_.output.activation() == Activation::identity) return a_.data();
  // An output does not depend on the target; loss and err of these targets, whatever they are, are dropped.
  const int rows = top().steps * top().streams, m = network_.outputs;
  for (int row = 0; row < rows; ++row)
    network_.output.row(a_.data() + area(row, m), target_.data() + area(row, m), T(0), y_.data() + area(row, m),
                        err_.data() + area(row, m));
  return y_.data();
}

/// Activation, loss and err.
template <class T>
double Stepper<T>::losses(const Batch<T>& batch, int from) {
  const int B = top().streams, rows = top().steps * B, m = network_.outputs;
  std::copy_n(batch.y.data() + area(from * B, m), area(rows, m), target_.data());
  std::copy_n(batch.mask.data() + area(from, B), rows, mask_.data());
  // A step without a loss has no target: nothing that stands there may reach a rule that learns from targets.
  lesson_ = target_.data();
  if (std::find(mask_.data(), mask_.data() + rows, T(0)) != mask_.data() + rows) {
    std::copy_n(target_.data(), area(rows, m), masked_.data());
    for (int row = 0; row < rows; ++row)
      if (mask_[static_cast<std::size_t>(row)] == T(0)) std::fill_n(masked_.data() + area(row, m), m, T(0));
    lesson_ = masked_.data();
  }
  std::copy_n(batch.weight.data() + area(from, B), rows, weight_.data());
  double sum = 0;
  for (int row = 0; row < rows; ++row) {
    const auto r = static_cast<std::size_t>(row);
    const double loss = network_.output.row(a_.data() + area(row, m), target_.data() + area(row, m), weight_[r],
                                            y_.data() + area(row, m), err_.data() + area(row, m));
    unweighted_[r] = loss;
    loss_[r] = weight_[r] == T(0) ? 0.0 : static_cast<double>(weight_[r]) * loss;
    sum += loss_[r];
  }
  return sum;
}

template <class T>
void Stepper<T>::readout_gradient(T* grad) const {
  const int rows = top().steps * top().streams, m = network_.outputs, d = network_.stack.units();
  T* w = grad + network_.map.cell_size();
  T* b = grad + network_.map.bias_at();
  if (rows == 1)
    kernels<T>().outer_add(m, d, err_.data(), top().h, w, d);
  else
    gemm(Op::transposed, Op::none, m, d, rows, err_.data(), m, top().h, top().h_ld, T(1), w, d);
  for (int row = 0; row < rows; ++row)
    for (int k = 0; k < m; ++k) b[k] += err_[area(row, m) + static_cast<std::size_t>(k)];
}

/// c = B err; `feedback` is B transposed, (m, d).
template <class T>
void Stepper<T>::credit(const T* feedback, T* c) const {
  const int rows = top().steps * top().streams, m = network_.outputs, d = network_.stack.units();
  gemm(Op::none, Op::none, rows, d, m, err_.data(), m, feedback, d, T(0), c, d);
}

template <class T>
void Stepper<T>::watch(std::unique_ptr<Rule<T>> rule, T* grad) {
  watched_c_.resize(area(top().capacity * top().streams, network_.stack.units()));
  watched_.push_back({std::move(rule), grad});
}

template <class T>
void Stepper<T>::use(Crew* crew) {
  if (rule_) rule_->use(crew);
  for (Watched& watched : watched_) watched.rule->use(crew);
}

template <class T>
Seen<T> Stepper<T>::seen() const {
  return {top().steps,        top().h,        top().h_ld,   y_.data(),     loss_.data(),
          unweighted_.data(), target_.data(), mask_.data(), weight_.data()};
}

template <class T>
std::vector<T> Stepper<T>::state_of(int b) const {
  const int d = network_.stack.units(), more = (network_.stack.states() - 1) * d;
  std::vector<T> state;
  for (int l = 0; l < network_.stack.layers(); ++l) {
    const Segment<T>& segment = layers_[static_cast<std::size_t>(l)];
    const T* h = segment.z.data() + area(b, network_.stack.layer(l).ld());
    const T* further = segment.hidden.data() + area(b, more);
    state.insert(state.end(), h, h + d);
    state.insert(state.end(), further, further + more);
  }
  return state;
}

template <class T>
void Stepper<T>::continue_from(const Stepper& other) {
  const int d = network_.stack.units(), more = (network_.stack.states() - 1) * d;
  for (int l = 0; l < network_.stack.layers(); ++l) {
    Segment<T>& to = layers_[static_cast<std::size_t>(l)];
    const Segment<T>& from = other.layers_[static_cast<std::size_t>(l)];
    const int ld = network_.stack.layer(l).ld();
    for (int b = 0; b < to.streams; ++b) std::copy_n(from.z.data() + area(b, ld), d, to.z.data() + area(b, ld));
    std::copy_n(from.hidden.data(), area(to.streams, more), to.hidden.data());
    to.t0 = from.t0;
    to.pass = from.pass;
  }
}

template <class T>
void Stepper<T>::state(Archive& archive) {
  // Between segments the state lies in the first row of regressors and of further states.
  const int d = network_.stack.units(), more = (network_.stack.states() - 1) * d;
  for (int l = 0; l < network_.stack.layers(); ++l) {
    Segment<T>& segment = layers_[static_cast<std::size_t>(l)];
    for (int b = 0; b < segment.streams; ++b)
      archive.array(archive.named() ? layer_name("h" + std::to_string(b), l) : "",
                    {segment.z.data() + area(b, network_.stack.layer(l).ld()), static_cast<std::size_t>(d)});
    if (more > 0) archive.array(layer_name("hidden", l), {segment.hidden.data(), area(segment.streams, more)});
  }
  archive.number("t", bottom().t0);
  archive.number("pass", bottom().pass);
  if (rule_) {
    Within rule(archive, "rule/");
    rule_->state(rule);
  }
  for (std::size_t w = 0; w < watched_.size(); ++w) {
    Within rule(archive, "watched" + std::to_string(w) + "/");
    watched_[w].rule->state(rule);
  }
}

template struct Batch<float>;
template struct Batch<double>;
template class Stepper<float>;
template class Stepper<double>;
template std::unique_ptr<Rule<float>> make_rule(const Network<float>&, const Config&, const Structure&,
                                                const RuleRecord&, int, int, const Signs&);
template std::unique_ptr<Rule<double>> make_rule(const Network<double>&, const Config&, const Structure&,
                                                 const RuleRecord&, int, int, const Signs&);

}  // namespace chronograd
