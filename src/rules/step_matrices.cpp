// SPDX-License-Identifier: Apache-2.0
#include "rules/step_matrices.hpp"

#include <algorithm>

#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "rules/further_credit.hpp"

namespace chronograd {

template <class T>
StepMatrices<T>::StepMatrices(const Stack<T>& stack, int streams)
    : stack_(stack),
      streams_(streams),
      states_(stack.states()),
      own_(stack.states() * stack.units()),
      seen_(stack.shown_width()),
      compact_(!stack.layer(0).recurrent()) {
  const int N = stack.layers(), d = stack.units();
  local_.resize(area(N * streams, states_ * own_));
  gain_.resize(area(N * streams, states_ * stack.gates()) * area(d, 1));
  if (!compact_) recurrent_.resize(area(N * seen_, own_));
  if (N > 1) upward_.resize(area(N * seen_, own_));
  charges_.reserve(1);
}

template <class T>
void StepMatrices<T>::linearise(Layers<T> layers, int k) {
  for (int l = 0; l < stack_.layers(); ++l)
    stack_.layer(l).linearise(layers[static_cast<std::size_t>(l)], k, Recurrent::full,
                              local_.data() + area(l * streams_, states_ * own_),
                              gain_.data() + area(l * streams_, states_ * stack_.gates()) * area(stack_.units(), 1));
}

template <class T>
void StepMatrices<T>::take(Layers<T> layers, const Credit<T>& credit, int k, int b) {
  stream_ = b;
  charges_.clear();
  charges_.push_back(
      {stack_.layers() - 1, stack_.shown() - stack_.top(), seen_, credit.c + area(k * streams_ + b, seen_)});
  for (const FurtherCredit<T>& further : credit.further)
    charges_.push_back(
        {further.layer, further.state * stack_.units(), stack_.units(), row_of(further, k, b, stack_.units())});
  cut_ = layers[0].any_cut && layers[0].cut[area(k, streams_) + static_cast<std::size_t>(b)] != 0;
  const int d = stack_.units();
  for (int l = 0; l < stack_.layers(); ++l) {
    const Segment<T>& segment = layers[static_cast<std::size_t>(l)];
    if (l > 0) matrix(segment, l, stack_.layer(l).layout().input_at, upward_.data() + area(l * seen_, own_));
    if (compact_ || cut_) continue;
    T* to = recurrent_.data() + area(l * seen_, own_);
    matrix(segment, l, 0, to);
    for (int s = 0; s < states_; ++s)  // what a unit's h keeps of itself
      for (int v = 0; v * d < seen_; ++v)
        for (int i = 0; i < d; ++i)
          to[area(v * d + i, own_) + area(s, d) + static_cast<std::size_t>(i)] +=
              local(l)[area(s * states_ + v, d) + static_cast<std::size_t>(i)];
  }
}

/// out [H d][S d] = (gain W)^T, W the weights of the layer from H d regressors that begin at `column`.
template <class T>
void StepMatrices<T>::matrix(const Segment<T>& segment, int layer, int column, T* out) const {
  const Kernels<T>& loops = kernels<T>();
  const int d = stack_.units(), G = stack_.gates();
  std::fill_n(out, area(seen_, own_), T(0));
  for (const Block& block : stack_.layer(layer).blocks()) {
    if (block.col > column || block.col + block.cols < column + seen_) continue;
    const T* weights = segment.theta + block.begin + area(column - block.col, block.rows);
    for (int j = 0; j < seen_; ++j)
      for (int s = 0; s < states_; ++s)
        for (int row = 0; row < block.rows; row += d)
          loops.multiply_add(d, gain_of(layer) + area(s * G + (block.row + row) / d, d),
                             weights + area(j, block.rows) + row, out + area(j, own_) + area(s, d));
  }
}

/// jv [count][S d]: what a layer's own states before the step do to those after it.
template <class T>
void StepMatrices<T>::within(int layer, int count, const T* v, T* jv) const {
  const Kernels<T>& loops = kernels<T>();
  const int d = stack_.units();
  if (compact_)
    std::fill_n(jv, area(count, own_), T(0));
  else
    gemm(Op::none, Op::none, count, own_, seen_, v, own_, recurrent_.data() + area(layer * seen_, own_), own_, T(0), jv,
         own_);
  const int first = compact_ ? 0 : seen_ / d;  // h is in the matrix
  for (int s = first; s < states_; ++s)
    for (int r = 0; r < states_; ++r)
      for (int one = 0; one < count; ++one)
        loops.multiply_add(d, local(layer) + area(r * states_ + s, d), v + area(one, own_) + area(s, d),
                           jv + area(one, own_) + area(r, d));
}

/// out [count][S d] = beta out + what a change `below` [count][S d] of the states below, h first, does to the layer.
template <class T>
void StepMatrices<T>::lift(int layer, int count, const T* below, T beta, T* out) const {
  gemm(Op::none, Op::none, count, own_, seen_, below, own_, upward_.data() + area(layer * seen_, own_), own_, beta, out,
       own_);
}

/// out [rows][S d] += the same, where row (g, i) changes number `head` of the h of unit i alone, by h[row].
template <class T>
void StepMatrices<T>::lift_each(int layer, int rows, int head, const T* h, T* out) const {
  const int d = stack_.units();
  for (int row = 0; row < rows; ++row)
    kernels<T>().axpy(own_, h[row], upward_.data() + area(layer * seen_ + head * d + row % d, own_),
                      out + area(row, own_));
}

template <class T>
void StepMatrices<T>::push(int layer, int count, const T* v, T* jv) const {
  if (cut_) {
    std::fill_n(jv, numbers(layer, count), T(0));
    return;
  }
  for (int l = layer; l < stack_.layers(); ++l, v += area(count, own_), jv += area(count, own_)) {
    within(l, count, v, jv);
    if (l > layer) lift(l, count, jv - area(count, own_), T(1), jv);
  }
}

template <class T>
void StepMatrices<T>::read(int layer, int count, const T* v, T* out) const {
  std::fill_n(out, count, T(0));
  add_reading(layer, count, v, out);
}

template <class T>
void StepMatrices<T>::add_reading(int layer, int count, const T* v, T* out) const {
  for (const Charge& charge : charges_)
    if (charge.layer >= layer)
      kernels<T>().times_column(count, charge.width, v + area((charge.layer - layer) * count, own_) + charge.first,
                                own_, charge.q, T(1), out);
}

template <class T>
void StepMatrices<T>::gain_times(const StackBlock& block, const T* nu, T* out) const {
  const int d = stack_.units(), G = stack_.gates(), first = block.row / d - block.layer * G;
  std::fill_n(out, numbers(block.layer, 1), T(0));
  for (int s = 0; s < states_; ++s)
    for (int g = 0; g < block.rows / d; ++g)
      kernels<T>().multiply_add(d, gain_of(block.layer) + area(s * G + first + g, d), nu + area(g, d),
                                out + area(s, d));
  for (int l = block.layer + 1; l < stack_.layers(); ++l, out += own_) lift(l, 1, out, T(0), out + own_);
}

/// [rows] the gain on state s of each row's own unit.
template <class T>
const T* StepMatrices<T>::gain_rows(const StackBlock& block, int s) const {
  const int d = stack_.units(), G = stack_.gates();
  return gain_of(block.layer) + area(s * G + block.row / d - block.layer * G, d);
}

template <class T>
void StepMatrices<T>::gain(const StackBlock& block, T* g) const {
  const int d = stack_.units(), rows = block.rows;
  std::fill_n(g, numbers(block), T(0));
  for (int s = 0; s < states_; ++s) {
    const T* of_rows = gain_rows(block, s);
    if (compact_)
      std::copy_n(of_rows, rows, g + area(s, rows));
    else
      for (int row = 0; row < rows; ++row)
        g[area(row, own_) + area(s, d) + static_cast<std::size_t>(row % d)] = of_rows[row];
  }
  T* above = g + (compact_ ? area(states_, rows) : area(rows, own_));
  for (int l = block.layer + 1; l < stack_.layers(); ++l, above += area(rows, own_)) {
    if (l == block.layer + 1)
      for (int head = 0; head * d < seen_; ++head) lift_each(l, rows, head, gain_rows(block, head), above);
    else
      lift(l, rows, above - area(rows, own_), T(0), above);
  }
}

template <class T>
void StepMatrices<T>::push(const StackBlock& block, int terms, const T* v, T* jv) const {
  const int rows = block.rows, d = stack_.units();
  if (!compact_ && stack_.layers() == 1) return push(0, terms * rows, v, jv);
  for (int term = 0; term < terms; ++term, v += numbers(block), jv += numbers(block)) {
    if (!compact_) {
      push(block.layer, rows, v, jv);
      continue;
    }
    std::fill_n(jv, numbers(block), T(0));
    if (cut_) continue;
    for (int r = 0; r < states_; ++r)
      for (int s = 0; s < states_; ++s)
        for (int row = 0; row < rows; row += d)
          kernels<T>().multiply_add(d, local(block.layer) + area(r * states_ + s, d), v + area(s, rows) + row,
                                    jv + area(r, rows) + row);
    const T *below = jv, *from = v + area(states_, rows);
    T* to = jv + area(states_, rows);
    for (int l = block.layer + 1; l < stack_.layers(); ++l, from += area(rows, own_), to += area(rows, own_)) {
      within(l, rows, from, to);
      if (l == block.layer + 1)
        for (int head = 0; head * d < seen_; ++head) lift_each(l, rows, head, below + area(head, rows), to);
      else
        lift(l, rows, below, T(1), to);
      below = to;
    }
  }
}

template <class T>
void StepMatrices<T>::read(const StackBlock& block, int terms, const T* v, T* out) const {
  const int rows = block.rows, d = stack_.units();
  if (!compact_ && stack_.layers() == 1) return read(0, terms * rows, v, out);
  for (int term = 0; term < terms; ++term, v += numbers(block), out += rows) {
    if (!compact_) {
      read(block.layer, rows, v, out);
      continue;
    }
    read(block.layer + 1, rows, v + area(states_, rows), out);
    for (const Charge& charge : charges_)
      for (int at = 0; charge.layer == block.layer && at < charge.width; at += d)
        for (int row = 0; row < rows; row += d)
          kernels<T>().multiply_add(d, charge.q + at, v + area((charge.first + at) / d, rows) + row, out + row);
  }
}

template class StepMatrices<float>;
template class StepMatrices<double>;

}  // namespace chronograd
