// SPDX-License-Identifier: Apache-2.0
#include "chronograd/stack.hpp"

#include <algorithm>
#include <cstring>

#include "base/sizes.hpp"
#include "math/kernels.hpp"

namespace chronograd {
namespace {

std::size_t index(int l) {
  return static_cast<std::size_t>(l);
}

}  // namespace

std::string layer_name(const std::string& bottom, int l) {
  if (l == 0) return bottom;
  const std::string suffix = "_l0", own = "_l" + std::to_string(l);
  return (bottom.ends_with(suffix) ? bottom.substr(0, bottom.size() - suffix.size()) : bottom) + own;
}

template <class T>
Stack<T>::Stack(const CellRecord& record, const Options& model, int units, int inputs) : model_(model), theta_at_{0} {
  const auto N = static_cast<int>(model.integer("layers"));
  // A cell points into itself: with the place reserved none is moved.
  alone_.reserve(index(N));
  joint_.reserve(index(N));
  for (int l = 0; l < N; ++l) add(record, model, units, l == 0 ? inputs : record.heads * units, N, l + 1 == N);
}

template <class T>
Stack<T>::Stack(const Stack& whole, int l) : model_(whole.model_), theta_at_{0} {
  add(whole.record(), model_, whole.units(), whole.layer(l).inputs(), 1, l + 1 == whole.layers());
}

template <class T>
void Stack<T>::add(const CellRecord& record, const Options& model, int units, int inputs, int layers, bool read_out) {
  const int l = this->layers();
  alone_.emplace_back(record, model, units, inputs, 1, read_out);
  joint_.emplace_back(record, model, units, inputs, layers, read_out);
  for (const Block& block : alone_.back().blocks())
    blocks_.push_back(
        {l, l * alone_.back().rows() + block.row, block.rows, block.col, block.cols, theta_at_.back() + block.begin});
  theta_at_.push_back(theta_at_.back() + alone_.back().parameters());
}

template <class T>
void Stack<T>::prepare(std::vector<Segment<T>>& layers, int steps, int streams) const {
  layers.resize(alone_.size());
  for (int l = 0; l < this->layers(); ++l) layer(l).prepare(layers[index(l)], steps, streams);
}

template <class T>
void Stack<T>::forward(std::span<Segment<T>> layers, const T* theta, const T* xi) const {
  const int rows = layers[0].steps * layers[0].streams, d = shown_width();
  for (int l = 0; l < this->layers(); ++l) {
    Segment<T>& segment = layers[index(l)];
    segment.theta = theta + theta_at(l);
    if (l > 0) {
      const Segment<T>& below = layers[index(l - 1)];
      segment.steps = below.steps;
      segment.t0 = below.t0;
      segment.pass = below.pass;
      segment.last = below.last;
      segment.any_cut = below.any_cut;
      std::copy_n(below.cut.data(), rows, segment.cut.data());
      if (record().weighted) std::copy_n(below.weight.data(), rows, segment.weight.data());
      T* x = segment.z.data() + layer(l).layout().input_at;
      for (int row = 0; row < rows; ++row)
        std::copy_n(below.h + area(row, below.h_ld), d, x + area(row, layer(l).ld()));
    }
    layer(l).forward(segment, xi ? xi + area(l, rows) * static_cast<std::size_t>(units()) : nullptr);
  }
}

template <class T>
void Stack<T>::keep_whitened(std::span<Segment<T>> kept) const {
  for (Segment<T>& segment : kept) {
    segment.kept_whitened.resize(segment.z.size());
    segment.whitened = segment.kept_whitened.data();
  }
}

template <class T>
void Stack<T>::carry(std::span<Segment<T>> layers) const {
  for (int l = 0; l < this->layers(); ++l) layer(l).carry(layers[index(l)]);
}

template <class T>
void Stack<T>::state_after(Layers<T> layers, int k, int b, T* state) const {
  const int width = shown_width(), further = states() * units() - width, row = k * layers[0].streams + b;
  for (const Segment<T>& segment : layers) {
    state = std::copy_n(segment.h + area(row, segment.h_ld), width, state);
    state = std::copy_n(segment.hidden_after + area(row, more()), further, state);
  }
}

/// One of two arrays [count][H d] for credit that passes between layers.
template <class T>
T* Stack<T>::scratch(Layers<T> layers, int which, int count) const {
  Buffer<T>& buffer = which == 0 ? layers[0].scratch.down_ : layers[0].scratch.back_;
  if (buffer.size() < area(count, shown_width())) buffer.resize(area(count, shown_width()));
  return buffer.data();
}

template <class T>
void Stack<T>::pull(Layers<T> layers, int k, Recurrent recurrent, T* lambda, const T* q, T* du, T* q_prev) const {
  const int N = this->layers(), B = layers[0].streams, d = units(), own = states() * d, G = gates(),
            width = shown_width();
  if (N == 1) return layer(0).pull(layers[0], k, recurrent, lambda, q, du, q_prev);
  for (int l = N - 1; l >= 0; --l) {
    const Segment<T>& segment = layers[index(l)];
    const Cell<T>& cell = joint_[index(l)];
    T* mine = lambda ? lambda + area(l, own) : nullptr;
    T* du_l = du + area(l, G * d);
    if (l == N - 1) {
      cell.pull(segment, k, recurrent, mine, q, du_l, q_prev);
    } else if (!q_prev) {
      cell.pull(segment, k, recurrent, mine, scratch(layers, 0, B), du_l, nullptr);
    } else {
      T* back = scratch(layers, 1, B);
      std::fill_n(back, area(B, width), T(0));
      cell.pull(segment, k, recurrent, mine, scratch(layers, 0, B), du_l, back);
      for (int b = 0; b < B; ++b) kernels<T>().add(width, back + area(b, width), mine + area(b, this->width()));
    }
    if (l > 0) cell.input_credit(segment, B, du_l, scratch(layers, 0, B));
  }
}

template <class T>
void Stack<T>::pull_stream(Layers<T> layers, int k, int b, int count, T* lambda, T* q, T* du) const {
  const int N = this->layers(), d = units(), own = states() * d, G = gates();
  if (N == 1) return layer(0).pull_stream(layers[0], k, b, count, lambda, q, du);
  for (int l = N - 1; l >= 0; --l) {
    const Segment<T>& segment = layers[index(l)];
    const Cell<T>& cell = joint_[index(l)];
    T* mine = lambda + area(l, own);
    T* du_l = du + area(l, G * d);
    T* q_l = l == N - 1 ? q : scratch(layers, 0, count);
    cell.pull_stream(segment, k, b, count, mine, q_l, du_l);
    if (l < N - 1)
      for (int v = 0; v < count; ++v)
        kernels<T>().add(shown_width(), q_l + area(v, shown_width()), mine + area(v, width()));
    if (l > 0) cell.input_credit(segment, count, du_l, scratch(layers, 0, count));
  }
}

template <class T>
void Stack<T>::push(Layers<T> layers, int k, const T* v, T* jv) const {
  const int own = states() * units();
  if (this->layers() == 1) return layer(0).push(layers[0], k, v, jv);
  for (int l = 0; l < this->layers(); ++l)
    joint_[index(l)].push(layers[index(l)], k, v + area(l, own), jv + area(l, own),
                          l > 0 ? jv + area(l - 1, own) : nullptr);
}

template <class T>
void Stack<T>::accumulate(Layers<T> layers, int k0, int k1, const T* du, T* grad) const {
  for (int l = 0; l < this->layers(); ++l)
    joint_[index(l)].accumulate(layers[index(l)], k0, k1, du + area(l, gates() * units()), grad + theta_at(l));
}

template <class T>
void Stack<T>::keep(Layers<T> layers, int k, std::span<Segment<T>> kept, int slot) const {
  for (int l = 0; l < this->layers(); ++l) layer(l).keep(layers[index(l)], k, kept[index(l)], slot);
}

template <class T>
void Stack<T>::use_weights(std::span<Segment<T>> kept, Layers<T> layers) const {
  for (int l = 0; l < this->layers(); ++l) layer(l).use_weights(kept[index(l)], layers[index(l)].theta);
}

template class Stack<float>;
template class Stack<double>;

}  // namespace chronograd
