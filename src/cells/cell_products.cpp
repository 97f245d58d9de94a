// SPDX-License-Identifier: Apache-2.0
// Products with the Jacobian and the immediate influence of one step. J = A + B W_rec is never formed. A cut (a stream
// that begins anew) makes J_k zero: each product here sees to that, so no rule needs to.
#include <algorithm>

#include "base/sizes.hpp"
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

/// W_rec^T of the block, (rows, d) in panels, valid until the next forward pass.
template <class T>
const T* Cell<T>::transposed(const Segment<T>& segment, const Block& block) const {
  if (!segment.scratch.has_theta_t) {
    if (segment.scratch.theta_t.size() == 0) segment.scratch.theta_t.resize(at(this->rows(), units_));
    for (const Block& each : blocks())
      if (each.col == 0)
        to_panels(Op::transposed, each.rows, units_, segment.theta + each.at, each.rows,
                  segment.scratch.theta_t.data() + at(each.row, units_));
    segment.scratch.has_theta_t = true;
  }
  return segment.scratch.theta_t.data() + at(block.row, units_);
}

/// [G d] the weight of each pre-activation from its own unit's h.
template <class T>
const T* Cell<T>::own_weights(const Segment<T>& segment) const {
  if (!segment.scratch.has_own) {
    segment.scratch.own.zero();
    for (const Block& block : blocks())
      if (block.col == 0)
        for (int row = block.row; row < block.row + block.rows; ++row)
          segment.scratch.own[static_cast<std::size_t>(row)] =
              segment.theta[block.at + static_cast<std::size_t>(row - block.row) + at(row % units_, block.rows)];
    segment.scratch.has_own = true;
  }
  return segment.scratch.own.data();
}

/// q [count][d] = beta q + W_rec^T e, e [count][G d].
template <class T>
void Cell<T>::recurrent_credit(const Segment<T>& segment, int count, const T* e, T beta, T* q) const {
  if (!recurrent() && beta == T(0)) std::fill_n(q, at(count, units_), T(0));
  const bool copy = segment.scratch.has_theta_t || (count >= rows_worth_a_copy && segment.steps >= steps_worth_a_copy);
  for (const Block& block : blocks()) {
    if (block.col != 0) continue;
    if (copy)
      times_panels(count, units_, block.rows, e + block.row, row_ld_, transposed(segment, block), beta, q, units_);
    else
      gemm(Op::none, Op::transposed, count, units_, block.rows, e + block.row, row_ld_, segment.theta + block.at,
           block.rows, beta, q, units_);
    beta = T(1);
  }
}

template <class T>
void Cell<T>::pull(const Segment<T>& segment, int k, Recurrent recurrent, T* lambda, const T* q, T* e,
                   T* q_prev) const {
  const int B = segment.streams, d = units_;
  const bool any_cut = segment.any_cut && q_prev;
  if (any_cut)
    for (int b = 0; b < B; ++b)
      if (segment.cut[at(k, B) + b]) std::copy_n(q_prev + at(b, d), d, segment.scratch.kept.data() + at(b, d));
  kernels().pull(args(segment, k), lambda, q, e, q_prev);
  if (segment.any_cut && lambda)
    for (int b = 0; b < B; ++b)
      if (segment.cut[at(k, B) + b]) std::fill_n(lambda + at(b, state_ld_), states() * d, T(0));
  if (!q_prev) return;
  if (recurrent == Recurrent::full) {
    recurrent_credit(segment, B, e, T(1), q_prev);
  } else if (recurrent == Recurrent::own) {
    const T* own = own_weights(segment);
    for (int b = 0; b < B; ++b)
      for (int g = 0; g < gates(); ++g)
        chronograd::kernels<T>().multiply_add(d, own + at(g, d), e + at(b, row_ld_) + at(g, d), q_prev + at(b, d));
  }
  if (any_cut)
    for (int b = 0; b < B; ++b)
      if (segment.cut[at(k, B) + b]) std::copy_n(segment.scratch.kept.data() + at(b, d), d, q_prev + at(b, d));
}

template <class T>
void Cell<T>::pull_stream(const Segment<T>& segment, int k, int b, int count, T* lambda, T* q, T* e) const {
  const int B = segment.streams, d = units_, S = states();
  CellArgs<T> one = args(segment, k);
  one.streams = 1;
  one.z += at(b, ld_);
  one.hidden += at(b, (S - 1) * d);
  one.h += at(b, d);
  one.hidden_after += at(b, (S - 1) * d);
  one.tape += at(b, record_->tape * d);
  kernels().linearise(one, segment.scratch.local.data(), segment.scratch.gain.data());
  one.streams = count;
  kernels().pull_many(one, segment.scratch.local.data(), segment.scratch.gain.data(), lambda, q, e);
  if (segment.any_cut && segment.cut[at(k, B) + b]) {
    for (int v = 0; v < count; ++v) std::fill_n(lambda + at(v, state_ld_), S * d, T(0));
    std::fill_n(q, at(count, d), T(0));
  } else {
    recurrent_credit(segment, count, e, T(0), q);
  }
}

/// Where the weights from the inputs begin in a block that has them, else null.
template <class T>
const T* Cell<T>::input_weights(const Segment<T>& segment, const Block& block) const {
  const int x = layout_.input_at;
  if (block.col > x || block.col + block.cols < x + inputs_) return nullptr;
  return segment.theta + block.at + at(x - block.col, block.rows);
}

template <class T>
void Cell<T>::push(const Segment<T>& segment, int k, const T* v, T* jv, const T* dx) const {
  const int B = segment.streams, d = units_, S = states();
  kernels().linearise(args(segment, k), segment.scratch.local.data(), segment.scratch.gain.data());
  T* w = segment.scratch.u.data();
  for (const Block& block : blocks()) {
    const T* from_inputs = dx ? input_weights(segment, block) : nullptr;
    if (block.col == 0)
      gemm(Op::none, Op::none, B, block.rows, d, v, state_ld_, segment.theta + block.at, block.rows, T(0),
           w + block.row, rows());
    else if (!from_inputs)
      for (int b = 0; b < B; ++b) std::fill_n(w + at(b, rows()) + block.row, block.rows, T(0));
    if (from_inputs)
      gemm(Op::none, Op::none, B, block.rows, inputs_, dx, state_ld_, from_inputs, block.rows,
           block.col == 0 ? T(1) : T(0), w + block.row, rows());
  }
  kernels().push(args(segment, k), segment.scratch.local.data(), segment.scratch.gain.data(), v, w, jv);
  if (segment.any_cut)
    for (int b = 0; b < B; ++b)
      if (segment.cut[at(k, B) + b]) std::fill_n(jv + at(b, state_ld_), S * d, T(0));
}

template <class T>
void Cell<T>::input_credit(const Segment<T>& segment, int count, const T* e, T* dx) const {
  T beta = 0;
  for (const Block& block : blocks())
    if (const T* weights = input_weights(segment, block)) {
      gemm(Op::none, Op::transposed, count, inputs_, block.rows, e + block.row, row_ld_, weights, block.rows, beta, dx,
           inputs_);
      beta = 1;
    }
}

template <class T>
void Cell<T>::linearise(const Segment<T>& segment, int k, Recurrent recurrent, T* local, T* gain) const {
  const int B = segment.streams, d = units_, S = states(), G = gates();
  kernels().linearise(args(segment, k), local, gain);
  if (recurrent == Recurrent::own) {
    const T* own = own_weights(segment);
    for (int b = 0; b < B; ++b)
      for (int s = 0; s < S; ++s)  // h is state 0: its column of A gets gain times the own weight
        for (int g = 0; g < G; ++g)
          chronograd::kernels<T>().multiply_add(d, own + at(g, d), gain + at(b * S * G + s * G + g, d),
                                                local + at(b * S * S + s * S, d));
  }
  if (segment.any_cut)
    for (int b = 0; b < B; ++b)
      if (segment.cut[at(k, B) + b]) std::fill_n(local + at(b, S * S * d), S * S * d, T(0));
}

template <class T>
void Cell<T>::accumulate(const Segment<T>& segment, int k0, int k1, const T* e, T* grad) const {
  const int B = segment.streams, inner = (k1 - k0) * B;
  const T* z = segment.z.data() + at(k0 * B, ld_);
  for (const Block& block : blocks()) {
    if (inner == 1)
      chronograd::kernels<T>().outer_add(block.cols, block.rows, z + block.col, e + block.row, grad + block.at,
                                         block.rows);
    else
      gemm(Op::transposed, Op::none, block.cols, block.rows, inner, z + block.col, ld_, e + block.row, row_ld_, T(1),
           grad + block.at, block.rows);
  }
}

template class Cell<float>;
template class Cell<double>;

}  // namespace chronograd
