// SPDX-License-Identifier: Apache-2.0
// Construction of a cell and its forward pass.
#include "chronograd/cell.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "base/interrupt.hpp"
#include "base/sizes.hpp"
#include "cells/regressor_parts.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "math/panels.hpp"

namespace chronograd {
namespace {

/// Regressors start on a cache line.
template <class T>
int padded(int columns) {
  constexpr int line = 64 / static_cast<int>(sizeof(T));
  return (columns + line - 1) / line * line;
}

/// Whether the weights of a segment are worth a copy in panels for its forward pass.
bool worth_panels(int steps, int streams) {
  return steps >= 8 && streams >= 8;
}

}  // namespace

std::vector<std::string> state_names(const CellRecord& record) {
  std::vector<std::string> names = {"h0"};
  for (int s = 1; s < record.states; ++s) names.emplace_back(record.further[s - 1]);
  return names;
}

template <class T>
Cell<T>::Cell(const CellRecord& record, const Options& model, int units, int inputs, int layers, bool read_out)
    : record_(&record),
      units_(units),
      inputs_(inputs),
      state_ld_(layers * record.states * units),
      row_ld_(layers * record.gates * units),
      shown_(read_out ? record.shown : 0) {
  record.layout(record, units, inputs, layout_);
  // What is made of h within the step moves where h does.
  for (unsigned& moves : layout_.moves)
    for (int v = 0; v < record.heads; ++v) {
      if ((moves >> v & 1U) == 0) continue;
      if (record.filter != 0) moves |= 1U << (record.filter + v);
      if (record.shown != 0) moves |= 1U << (record.shown + v);
    }
  ld_ = padded<T>(layout_.columns);
  parameters_ = 0;
  for (const Block& block : blocks())
    parameters_ += static_cast<std::size_t>(block.rows) * static_cast<std::size_t>(block.cols);
  if (record.variant) variant_ = record.variant(model);
  set_constants(model);
  if (has_option(record.entry, "noise") && model.number("noise") > 0) set_noise(model);
}

template <class T>
void Cell<T>::set_constants(const Options& model) {
  const auto d = static_cast<std::size_t>(units_), count = static_cast<std::size_t>(record_->constant_count());
  std::vector<double> values(count * d);
  if (record_->fill) record_->fill(*record_, model, units_, values.data());
  if (record_->filter != 0) {
    std::fill_n(values.end() - static_cast<std::ptrdiff_t>(2 * d), d, model.number(key_kappa));
    std::fill_n(values.end() - static_cast<std::ptrdiff_t>(d), d, model.number(key_zeta_out));
  }
  for (const double value : values) constants_.push_back(static_cast<T>(value));
}

/// The scale of the noise is that of a unit's update rate: sqrt(2 alpha) sigma on the state.
template <class T>
void Cell<T>::set_noise(const Options& model) {
  noise_on_input_ = has_option(record_->entry, "noise_where") && model.word("noise_where") == "input";
  const auto d = static_cast<std::size_t>(units_);
  std::vector<T> alpha(d, T(1));
  for (int k = 0; k < record_->constant_count(); ++k)
    if (record_->constants[k] == std::string_view("alpha"))
      std::copy_n(constants_.begin() + static_cast<std::ptrdiff_t>(area(k, units_)), d, alpha.begin());
  for (const T rate : alpha)
    noise_.push_back(
        static_cast<T>(model.number("noise") * std::sqrt(noise_on_input_ ? 2 / double(rate) : 2 * double(rate))));
  filtered_noise_ = noise_;
  if (record_->filter != 0)
    for (std::size_t i = 0; i < d; ++i) filtered_noise_[i] *= constants_[constants_.size() - d + i];
}

template <class T>
const CellKernels<T>& Cell<T>::kernels() const {
  if constexpr (sizeof(T) == sizeof(float))
    return record_->kernels_float;
  else
    return record_->kernels_double;
}

template <class T>
bool Cell<T>::recurrent() const {
  return std::any_of(blocks().begin(), blocks().end(), [](const Block& block) { return block.col == 0; });
}

template <class T>
bool Cell<T>::exists(int row, int col) const {
  for (const Block& block : blocks())
    if (row >= block.row && row < block.row + block.rows) return col >= block.col && col < block.col + block.cols;
  return false;
}

template <class T>
std::size_t Cell<T>::index(int row, int col) const {
  for (const Block& block : blocks())
    if (row >= block.row && row < block.row + block.rows)
      return block.begin + static_cast<std::size_t>(row - block.row) +
             static_cast<std::size_t>(block.rows) * static_cast<std::size_t>(col - block.col);
  throw std::logic_error("Cell::index: no such pre-activation row");
}

template <class T>
void Cell<T>::prepare(Segment<T>& segment, int steps, int streams) const {
  const auto rows = static_cast<std::size_t>(steps) * static_cast<std::size_t>(streams);
  const auto d = static_cast<std::size_t>(units_), more = static_cast<std::size_t>(this->more());
  const auto b = static_cast<std::size_t>(streams);
  segment.capacity = segment.steps = steps;
  segment.streams = streams;
  segment.t0 = 0;
  segment.z.resize((rows + b) * static_cast<std::size_t>(ld_));
  segment.scratch.h_apart_.resize_unset(rows * static_cast<std::size_t>(shown_width()));
  segment.hidden.resize((rows + b) * more);
  segment.scratch.hidden_apart_.resize_unset(rows * more);
  segment.hidden_after = segment.scratch.hidden_apart_.data();  // of kept steps nothing reads it
  if (record_->weighted) segment.weight.resize(rows);
  segment.tape.resize(rows * static_cast<std::size_t>(record_->tape) * d);
  segment.cut.resize(rows);
  segment.any_cut = false;
  segment.scratch.u_.resize(b * static_cast<std::size_t>(this->rows()));
  segment.scratch.local_.resize(b * static_cast<std::size_t>(states() * states()) * d);
  segment.scratch.gain_.resize(b * static_cast<std::size_t>(states() * gates()) * d);
  segment.scratch.kept_.resize(b * static_cast<std::size_t>(shown_width()));
  if (worth_panels(steps, streams)) segment.scratch.theta_panels_.resize(parameters_);
  segment.scratch.own_.resize(area(record_->heads, this->rows()));
  segment.scratch.loops_.resize(area(record_->scratch, units_));
  for (std::size_t row = 0; row < rows + b; ++row)
    for (int one = 0; one < layout_.ones; ++one)
      segment.z[row * static_cast<std::size_t>(ld_) + static_cast<std::size_t>(layout_.ones_at[one])] = 1;
}

template <class T>
CellArgs<T> Cell<T>::args(const Segment<T>& segment, int k, Recurrent recurrent) const {
  look_for_stop_in_step();  // whatever takes long comes by here, forward passes and rules
  const auto row = static_cast<std::size_t>(k) * static_cast<std::size_t>(segment.streams);
  const auto d = static_cast<std::size_t>(units_), more = static_cast<std::size_t>(this->more());
  // The kernels that linearise only read h, hidden_after and tape; `step` writes them, through the segment it was
  // given.
  auto& s = const_cast<Segment<T>&>(segment);
  return {.constants = constants_.data(),
          .variant = variant_,
          .self = recurrent == Recurrent::none ? T(0) : T(1),
          .on_h = shown_ == 0,
          .streams = segment.streams,
          .units = units_,
          .u = s.scratch.u_.data(),
          .z = s.z.data() + row * static_cast<std::size_t>(ld_),
          .ld = ld_,
          .hidden = s.hidden.data() + row * more,
          .h = const_cast<T*>(s.h) + row * static_cast<std::size_t>(s.h_ld),
          .h_ld = s.h_ld,
          .hidden_after = const_cast<T*>(s.hidden_after) + row * more,
          .tape = s.tape.data() + row * static_cast<std::size_t>(record_->tape) * d,
          .state_ld = state_ld_,
          .row_ld = row_ld_,
          .weight = record_->weighted ? s.weight.data() + row : nullptr,
          .scratch = s.scratch.loops_.data(),
          .record = record_};
}

/// Noise on h; what is made of h within the step gets it too.
template <class T>
void Cell<T>::add_noise(Segment<T>& segment, const CellArgs<T>& step, const T* xi) const {
  const int B = segment.streams, d = units_, heads = record_->heads;
  const Kernels<T>& loops = chronograd::kernels<T>();
  for (int b = 0; b < B; ++b) {
    const T* drawn = xi + area(b, d);
    T* further = step.hidden_after + area(b, more());
    loops.multiply_add(d, noise_.data(), drawn, step.h + area(b, step.h_ld));
    if (record_->filter != 0)
      loops.multiply_add(d, filtered_noise_.data(), drawn, further + area(record_->filter - heads, d));
    if (!record_->weighted) continue;
    T* sum = further + area(record_->shown - heads, d);
    for (int i = 0; i < d; ++i) sum[i] += step.weight[b] * (filtered_noise_[static_cast<std::size_t>(i)] * drawn[i]);
  }
}

template <class T>
void Cell<T>::forward(Segment<T>& segment, const T* xi) const {
  const int B = segment.streams, d = units_, more = this->more(), width = shown_width();
  const Kernels<T>& loops = chronograd::kernels<T>();
  segment.scratch.has_theta_t_ = segment.scratch.has_own_ = false;
  segment.xi = xi;
  // The state after a step is what the next one begins with, so it is written there at once; a cut zeroes that, and
  // then it is kept apart.
  segment.h = segment.any_cut ? segment.scratch.h_apart_.data() : segment.z.data() + area(B, ld_);
  segment.h_ld = segment.any_cut ? width : ld_;
  segment.hidden_after = segment.any_cut ? segment.scratch.hidden_apart_.data() : segment.hidden.data() + area(B, more);
  segment.shown = shown_ == 0 ? segment.h : segment.hidden_after + area(shown_ - record_->heads, d);
  segment.shown_ld = shown_ == 0 ? segment.h_ld : more;
  // What step k sees of the state before it: nothing if the stream begins anew.
  const auto cut = [&](int k) {
    for (int b = 0; b < B; ++b) {
      const int row = k * B + b;
      if (!segment.cut[static_cast<std::size_t>(row)]) continue;
      std::fill_n(segment.z.data() + static_cast<std::size_t>(row) * ld_, width, T(0));
      std::fill_n(segment.hidden.data() + static_cast<std::size_t>(row) * more, more, T(0));
    }
  };
  if (segment.any_cut) cut(0);
  const bool panels = worth_panels(segment.steps, B);
  if (panels)
    for (const Block& block : blocks())
      to_panels(Op::none, block.cols, block.rows, segment.theta + block.begin, block.rows,
                segment.scratch.theta_panels_.data() + block.begin);
  for (int k = 0; k < segment.steps; ++k) {
    const CellArgs<T> step = args(segment, k);
    for (const Block& block : blocks()) {
      T* u = segment.scratch.u_.data() + block.row;
      const T* z = step.z + block.col;
      const RegressorParts parts = regressor_parts(*this, block, B, z, ld_);
      if (!parts.dense()) {
        for (int b = 0; b < B; ++b) std::fill_n(u + area(b, rows()), block.rows, T(0));
        parts.each([&](int col, int cols, bool events) {
          const T* weights = segment.theta + block.begin + area(col, block.rows);
          if (events)
            add_events(B, block.rows, cols, z + col, ld_, weights, block.rows, u, rows());
          else
            gemm(Op::none, Op::none, B, block.rows, cols, z + col, ld_, weights, block.rows, T(1), u, rows());
        });
        continue;
      }
      if (panels)
        times_panels(B, block.rows, block.cols, step.z + block.col, ld_,
                     segment.scratch.theta_panels_.data() + block.begin, T(0), u, rows());
      else
        gemm(Op::none, Op::none, B, block.rows, block.cols, step.z + block.col, ld_, segment.theta + block.begin,
             block.rows, T(0), u, rows());
    }
    if (xi && noise_on_input_)
      for (int b = 0; b < B; ++b)
        loops.multiply_add(d, noise_.data(), xi + static_cast<std::size_t>(k * B + b) * d,
                           segment.scratch.u_.data() + static_cast<std::size_t>(b) * rows());
    kernels().step(step);
    if (xi && !noise_on_input_) add_noise(segment, step, xi + area(k * B, d));
    if (!segment.any_cut) continue;
    for (int b = 0; b < B; ++b)
      std::copy_n(step.h + area(b, width), width, segment.z.data() + area((k + 1) * B + b, ld_));
    std::copy_n(step.hidden_after, area(B, more), segment.hidden.data() + area((k + 1) * B, more));
    if (k + 1 < segment.steps) cut(k + 1);
  }
}

template <class T>
void Cell<T>::carry(Segment<T>& segment) const {
  const int B = segment.streams, more = this->more();
  const T* from = segment.z.data() + static_cast<std::size_t>(segment.steps * B) * ld_;
  for (int b = 0; b < B; ++b)
    std::memcpy(segment.z.data() + static_cast<std::size_t>(b) * ld_, from + static_cast<std::size_t>(b) * ld_,
                sizeof(T) * static_cast<std::size_t>(shown_width()));
  if (more > 0)
    std::memcpy(segment.hidden.data(), segment.hidden.data() + static_cast<std::size_t>(segment.steps * B) * more,
                sizeof(T) * static_cast<std::size_t>(B) * static_cast<std::size_t>(more));
  segment.t0 += segment.steps;
}

template <class T>
void Cell<T>::keep(const Segment<T>& segment, int k, Segment<T>& kept, int slot) const {
  const auto B = static_cast<std::size_t>(segment.streams), d = static_cast<std::size_t>(units_);
  const auto copy = [&](const auto& from, auto& to, std::size_t width) {
    std::copy_n(from.data() + static_cast<std::size_t>(k) * B * width, B * width,
                to.data() + static_cast<std::size_t>(slot) * B * width);
  };
  copy(segment.z, kept.z, static_cast<std::size_t>(ld_));
  if (kept.kept_whitened.size() > 0)
    std::copy_n(segment.regressors() + area(k, segment.streams) * static_cast<std::size_t>(ld_),
                B * static_cast<std::size_t>(ld_),
                kept.kept_whitened.data() + static_cast<std::size_t>(slot) * B * static_cast<std::size_t>(ld_));
  copy(segment.hidden, kept.hidden, static_cast<std::size_t>(more()));
  copy(segment.tape, kept.tape, static_cast<std::size_t>(record_->tape) * d);
  copy(segment.cut, kept.cut, 1);
}

template <class T>
void Cell<T>::use_weights(Segment<T>& segment, const T* theta) const {
  segment.theta = theta;
  segment.scratch.has_theta_t_ = segment.scratch.has_own_ = false;
}

template class Cell<float>;
template class Cell<double>;

}  // namespace chronograd
