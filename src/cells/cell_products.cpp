// SPDX-License-Identifier: Apache-2.0
// Products with the Jacobian and the immediate influence of one step. J = A + D W_rec is never formed. A cut (a stream
// that begins anew) makes J_k zero: each product here sees to that, so no rule needs to.
#include <algorithm>

#include "base/sizes.hpp"
#include "cells/regressor_parts.hpp"
#include "chronograd/cell.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "math/panels.hpp"

namespace chronograd {
namespace {

/// From this many rows on, a product with W_rec^T is faster from a transposed copy made once a segment.
constexpr int rows_worth_a_copy = 4;
constexpr int steps_worth_a_copy = 4;

}  // namespace

/// W_rec^T of the block, (rows, H d) in panels, valid until the next forward pass.
template <class T>
const T* Cell<T>::transposed(const Segment<T>& segment, const Block& block) const {
  if (!segment.scratch.has_theta_t_) {
    if (segment.scratch.theta_t_.size() == 0) segment.scratch.theta_t_.resize(area(this->rows(), shown_width()));
    for (const Block& each : blocks())
      if (each.col == 0)
        to_panels(Op::transposed, each.rows, shown_width(), segment.theta + each.begin, each.rows,
                  segment.scratch.theta_t_.data() + area(each.row, shown_width()));
    segment.scratch.has_theta_t_ = true;
  }
  return segment.scratch.theta_t_.data() + area(block.row, shown_width());
}

/// [H][G d] the weight of each pre-activation from its own unit's h.
template <class T>
const T* Cell<T>::own_weights(const Segment<T>& segment) const {
  if (!segment.scratch.has_own_) {
    segment.scratch.own_.zero();
    for (const Block& block : blocks())
      if (block.col == 0)
        for (int v = 0; v < record_->heads; ++v)
          for (int row = block.row; row < block.row + block.rows; ++row)
            segment.scratch.own_[area(v, rows()) + static_cast<std::size_t>(row)] =
                segment.theta[block.begin + static_cast<std::size_t>(row - block.row) +
                              area(v * units_ + row % units_, block.rows)];
    segment.scratch.has_own_ = true;
  }
  return segment.scratch.own_.data();
}

/// q = beta q + W_rec^T du, q [count] rows of H d numbers at distance ld, du [count][G d].
template <class T>
void Cell<T>::recurrent_credit(const Segment<T>& segment, int count, const T* du, T beta, T* q, int ld) const {
  const int width = shown_width();
  if (!recurrent() && beta == T(0))
    for (int v = 0; v < count; ++v) std::fill_n(q + area(v, ld), width, T(0));
  const bool copy = segment.scratch.has_theta_t_ || (count >= rows_worth_a_copy && segment.steps >= steps_worth_a_copy);
  for (const Block& block : blocks()) {
    if (block.col != 0) continue;
    if (copy)
      times_panels(count, width, block.rows, du + block.row, row_ld_, transposed(segment, block), beta, q, ld);
    else
      gemm(Op::none, Op::transposed, count, width, block.rows, du + block.row, row_ld_, segment.theta + block.begin,
           block.rows, beta, q, ld);
    beta = T(1);
  }
}

template <class T>
void Cell<T>::pull(const Segment<T>& segment, int k, Recurrent recurrent, T* lambda, const T* q, T* du,
                   T* q_prev) const {
  const int B = segment.streams, d = units_, width = shown_width();
  const auto cut = [&](int b) { return segment.cut[area(k, B) + static_cast<std::size_t>(b)] != 0; };
  // Credit that comes back through W_rec is credit on h: q_prev is that only where h is what is shown.
  T* on_h = q_prev == nullptr ? nullptr : shown_ == 0 ? q_prev : lambda;
  const int ld = shown_ == 0 ? width : state_ld_;
  const bool keep = segment.any_cut && q_prev && shown_ == 0;
  if (keep)
    for (int b = 0; b < B; ++b)
      if (cut(b)) std::copy_n(q_prev + area(b, width), width, segment.scratch.kept_.data() + area(b, width));
  kernels().pull(args(segment, k, recurrent), lambda, q, du, shown_ == 0 ? q_prev : nullptr);
  if (on_h && recurrent == Recurrent::full) {
    recurrent_credit(segment, B, du, T(1), on_h, ld);
  } else if (on_h && recurrent == Recurrent::own) {
    const T* own = own_weights(segment);
    for (int b = 0; b < B; ++b)
      for (int v = 0; v < record_->heads; ++v)
        for (int g = 0; g < gates(); ++g)
          chronograd::kernels<T>().multiply_add(d, own + area(v, rows()) + area(g, d),
                                                du + area(b, row_ld_) + area(g, d), on_h + area(b, ld) + area(v, d));
  }
  if (segment.any_cut && lambda)
    for (int b = 0; b < B; ++b)
      if (cut(b)) std::fill_n(lambda + area(b, state_ld_), states() * d, T(0));
  if (keep)
    for (int b = 0; b < B; ++b)
      if (cut(b)) std::copy_n(segment.scratch.kept_.data() + area(b, width), width, q_prev + area(b, width));
}

template <class T>
void Cell<T>::pull_stream(const Segment<T>& segment, int k, int b, int count, T* lambda, T* q, T* du) const {
  const int B = segment.streams, d = units_, S = states(), width = shown_width();
  CellArgs<T> one = args(segment, k);
  one.streams = 1;
  one.z += area(b, ld_);
  one.hidden += area(b, more());
  one.h += area(b, one.h_ld);
  one.hidden_after += area(b, more());
  one.tape += area(b, record_->tape * d);
  kernels().linearise(one, segment.scratch.local_.data(), segment.scratch.gain_.data());
  one.streams = count;
  kernels().pull_many(one, segment.scratch.local_.data(), segment.scratch.gain_.data(), lambda, q, du);
  if (segment.any_cut && segment.cut[area(k, B) + b]) {
    for (int v = 0; v < count; ++v) std::fill_n(lambda + area(v, state_ld_), S * d, T(0));
    std::fill_n(q, area(count, width), T(0));
  } else if (shown_ == 0) {
    recurrent_credit(segment, count, du, T(0), q, width);
  } else {
    std::fill_n(q, area(count, width), T(0));
    recurrent_credit(segment, count, du, T(1), lambda, state_ld_);
  }
}

/// Where the weights from the inputs begin in a block that has them, else null.
template <class T>
const T* Cell<T>::input_weights(const Segment<T>& segment, const Block& block) const {
  const int x = layout_.input_at;
  if (block.col > x || block.col + block.cols < x + inputs_) return nullptr;
  return segment.theta + block.begin + area(x - block.col, block.rows);
}

template <class T>
void Cell<T>::push(const Segment<T>& segment, int k, const T* v, T* jv, const T* dx) const {
  const int B = segment.streams, d = units_, S = states();
  kernels().linearise(args(segment, k), segment.scratch.local_.data(), segment.scratch.gain_.data());
  T* w = segment.scratch.u_.data();
  for (const Block& block : blocks()) {
    const T* from_inputs = dx ? input_weights(segment, block) : nullptr;
    if (block.col == 0)
      gemm(Op::none, Op::none, B, block.rows, shown_width(), v, state_ld_, segment.theta + block.begin, block.rows,
           T(0), w + block.row, rows());
    else if (!from_inputs)
      for (int b = 0; b < B; ++b) std::fill_n(w + area(b, rows()) + block.row, block.rows, T(0));
    if (from_inputs)
      gemm(Op::none, Op::none, B, block.rows, inputs_, dx, state_ld_, from_inputs, block.rows,
           block.col == 0 ? T(1) : T(0), w + block.row, rows());
  }
  kernels().push(args(segment, k), segment.scratch.local_.data(), segment.scratch.gain_.data(), v, w, jv);
  if (segment.any_cut)
    for (int b = 0; b < B; ++b)
      if (segment.cut[area(k, B) + b]) std::fill_n(jv + area(b, state_ld_), S * d, T(0));
}

template <class T>
void Cell<T>::input_credit(const Segment<T>& segment, int count, const T* du, T* dx) const {
  T beta = 0;
  for (const Block& block : blocks())
    if (const T* weights = input_weights(segment, block)) {
      gemm(Op::none, Op::transposed, count, inputs_, block.rows, du + block.row, row_ld_, weights, block.rows, beta, dx,
           inputs_);
      beta = 1;
    }
}

template <class T>
void Cell<T>::linearise(const Segment<T>& segment, int k, Recurrent recurrent, T* local, T* gain) const {
  const int B = segment.streams, d = units_, S = states(), G = gates();
  kernels().linearise(args(segment, k, recurrent), local, gain);
  if (recurrent == Recurrent::own) {
    const T* own = own_weights(segment);
    for (int b = 0; b < B; ++b)
      for (int s = 0; s < S; ++s)  // the first states are h: their columns of A get gain times the own weights
        for (int v = 0; v < record_->heads; ++v)
          for (int g = 0; g < G; ++g)
            chronograd::kernels<T>().multiply_add(d, own + area(v, rows()) + area(g, d),
                                                  gain + area(b * S * G + s * G + g, d),
                                                  local + area(b * S * S + s * S + v, d));
  }
  if (segment.any_cut)
    for (int b = 0; b < B; ++b)
      if (segment.cut[area(k, B) + b]) std::fill_n(local + area(b, S * S * d), S * S * d, T(0));
}

template <class T>
void Cell<T>::accumulate(const Segment<T>& segment, int k0, int k1, const T* du, T* grad) const {
  const int B = segment.streams, inner = (k1 - k0) * B;
  const T* z = segment.regressors() + area(k0 * B, ld_);
  const auto add = [&](const Block& block, int col, int cols, bool events) {
    const T* read = z + block.col + col;
    T* to = grad + block.begin + area(col, block.rows);
    if (events)
      add_transposed_events(cols, block.rows, inner, read, ld_, du + block.row, row_ld_, to, block.rows);
    else if (inner == 1)
      chronograd::kernels<T>().outer_add(cols, block.rows, read, du + block.row, to, block.rows);
    else
      gemm(Op::transposed, Op::none, cols, block.rows, inner, read, ld_, du + block.row, row_ld_, T(1), to, block.rows);
  };
  for (const Block& block : blocks()) {
    const RegressorParts parts = regressor_parts(*this, block, inner, z + block.col, ld_);
    if (parts.dense())
      add(block, 0, block.cols, false);
    else
      parts.each([&](int col, int cols, bool events) { add(block, col, cols, events); });
  }
}

template class Cell<float>;
template class Cell<double>;

}  // namespace chronograd
