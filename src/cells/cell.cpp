// SPDX-License-Identifier: Apache-2.0
// Construction of a cell and its forward pass.
#include "chronograd/cell.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "chronograd/error.hpp"
#include "chronograd/loss.hpp"
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

/// One value a unit, from one number or a list of d.
std::vector<double> per_unit(const Options& model, const char* key, int units) {
  std::vector<double> values = model.numbers(key);
  if (values.size() == 1) values.assign(static_cast<std::size_t>(units), values[0]);
  if (values.size() != static_cast<std::size_t>(units))
    throw Error(Exit::usage, std::string("model.") + key,
                "got a list of " + std::to_string(values.size()) +
                    " numbers, allowed is one number or a list of model.hidden = " + std::to_string(units) + ".");
  return values;
}

/// alpha of every unit, from `alpha` or from `dt` and `tau`.
std::vector<double> update_rates(const Options& model, int units) {
  if (model.has("alpha")) {
    for (const char* other : {"tau", "dt"})
      if (model.given(other))
        throw Error(Exit::usage, "model.alpha",
                    std::string("got both alpha and ") + other + ", allowed is alpha, or dt and tau (alpha = dt/tau).");
    return per_unit(model, "alpha", units);
  }
  if (!model.has("tau")) {
    if (model.given("dt"))
      throw Error(Exit::usage, "model.dt", "got dt without tau, allowed is alpha, or dt and tau (alpha = dt/tau).");
    return std::vector<double>(static_cast<std::size_t>(units), 1.0);
  }
  std::vector<double> rates = per_unit(model, "tau", units);
  const double dt = model.has("dt") ? model.number("dt") : 1;
  for (double& rate : rates) {
    if (rate < dt)
      throw Error(Exit::usage, "model.tau",
                  "got tau = " + std::to_string(rate) + " with dt = " + std::to_string(dt) +
                      ", allowed is tau >= dt (alpha = dt/tau <= 1).");
    rate = dt / rate;
  }
  return rates;
}

}  // namespace

std::vector<std::string> state_names(const CellRecord& record) {
  std::vector<std::string> names = {"h0"};
  for (int s = 1; s < record.states; ++s) names.emplace_back(record.further[s - 1]);
  return names;
}

template <class T>
Cell<T>::Cell(const CellRecord& record, const Options& model, int units, int inputs, int layers)
    : record_(&record),
      units_(units),
      inputs_(inputs),
      state_ld_(layers * record.states * units),
      row_ld_(layers * record.gates * units) {
  record.layout(record, units, inputs, layout_);
  ld_ = padded<T>(layout_.columns);
  parameters_ = 0;
  for (const Block& block : blocks())
    parameters_ += static_cast<std::size_t>(block.rows) * static_cast<std::size_t>(block.cols);
  if (has_option(record.entry, "activation"))
    constants_.activation = static_cast<int>(activation_of("model.activation", model.word("activation")));
  const std::vector<double> rates = has_option(record.entry, "alpha")
                                        ? update_rates(model, units)
                                        : std::vector<double>(static_cast<std::size_t>(units), 1.0);
  for (double rate : rates) alpha_.push_back(static_cast<T>(rate));
  constants_.alpha = alpha_.data();
  if (const double sigma = has_option(record.entry, "noise") ? model.number("noise") : 0; sigma > 0) {
    noise_on_input_ = has_option(record.entry, "noise_where") && model.word("noise_where") == "input";
    for (T rate : alpha_)
      noise_.push_back(static_cast<T>(sigma * std::sqrt(noise_on_input_ ? 2 / double(rate) : 2 * double(rate))));
  }
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
  const auto d = static_cast<std::size_t>(units_), more = static_cast<std::size_t>(states() - 1) * d;
  const auto b = static_cast<std::size_t>(streams);
  segment.capacity = segment.steps = steps;
  segment.streams = streams;
  segment.t0 = 0;
  segment.z.resize((rows + b) * static_cast<std::size_t>(ld_));
  segment.scratch.h_apart.resize(rows * d);
  segment.hidden.resize((rows + b) * more);
  segment.hidden_after.resize(rows * more);
  segment.tape.resize(rows * static_cast<std::size_t>(record_->tape) * d);
  segment.cut.resize(rows);
  segment.any_cut = false;
  segment.scratch.u.resize(b * static_cast<std::size_t>(this->rows()));
  segment.scratch.local.resize(b * static_cast<std::size_t>(states() * states()) * d);
  segment.scratch.gain.resize(b * static_cast<std::size_t>(states() * gates()) * d);
  segment.scratch.kept.resize(b * d);
  if (worth_panels(steps, streams)) segment.scratch.theta_panels.resize(parameters_);
  segment.scratch.own.resize(static_cast<std::size_t>(this->rows()));
  for (std::size_t row = 0; row < rows + b; ++row)
    for (int one = 0; one < layout_.ones; ++one)
      segment.z[row * static_cast<std::size_t>(ld_) + static_cast<std::size_t>(layout_.ones_at[one])] = 1;
}

template <class T>
CellArgs<T> Cell<T>::args(const Segment<T>& segment, int k) const {
  const auto row = static_cast<std::size_t>(k) * static_cast<std::size_t>(segment.streams);
  const auto d = static_cast<std::size_t>(units_), more = static_cast<std::size_t>(states() - 1) * d;
  // The kernels that linearise only read h, hidden_after and tape; `step` writes them, through the segment it was
  // given.
  auto& s = const_cast<Segment<T>&>(segment);
  return {constants_,
          segment.streams,
          units_,
          s.scratch.u.data(),
          s.z.data() + row * static_cast<std::size_t>(ld_),
          ld_,
          s.hidden.data() + row * more,
          const_cast<T*>(s.h) + row * static_cast<std::size_t>(s.h_ld),
          s.h_ld,
          s.hidden_after.data() + row * more,
          s.tape.data() + row * static_cast<std::size_t>(record_->tape) * d,
          state_ld_,
          row_ld_,
          record_};
}

template <class T>
void Cell<T>::forward(Segment<T>& segment, const T* xi) const {
  const int B = segment.streams, d = units_, more = (states() - 1) * d;
  const Kernels<T>& loops = chronograd::kernels<T>();
  segment.scratch.has_theta_t = segment.scratch.has_own = false;
  segment.xi = xi;
  // A step's h is the next step's regressor, so it is written there at once; a cut zeroes the regressor, and then h is
  // kept apart.
  segment.h = segment.any_cut ? segment.scratch.h_apart.data()
                              : segment.z.data() + static_cast<std::size_t>(B) * static_cast<std::size_t>(ld_);
  segment.h_ld = segment.any_cut ? d : ld_;
  // What step k sees of the state before it: nothing if the stream begins anew.
  const auto cut = [&](int k) {
    for (int b = 0; b < B; ++b) {
      const int row = k * B + b;
      if (!segment.cut[static_cast<std::size_t>(row)]) continue;
      std::fill_n(segment.z.data() + static_cast<std::size_t>(row) * ld_, d, T(0));
      std::fill_n(segment.hidden.data() + static_cast<std::size_t>(row) * more, more, T(0));
    }
  };
  if (segment.any_cut) cut(0);
  const bool panels = worth_panels(segment.steps, B);
  if (panels)
    for (const Block& block : blocks())
      to_panels(Op::none, block.cols, block.rows, segment.theta + block.begin, block.rows,
                segment.scratch.theta_panels.data() + block.begin);
  for (int k = 0; k < segment.steps; ++k) {
    const CellArgs<T> step = args(segment, k);
    for (const Block& block : blocks()) {
      T* u = segment.scratch.u.data() + block.row;
      if (panels)
        times_panels(B, block.rows, block.cols, step.z + block.col, ld_,
                     segment.scratch.theta_panels.data() + block.begin, T(0), u, rows());
      else
        gemm(Op::none, Op::none, B, block.rows, block.cols, step.z + block.col, ld_, segment.theta + block.begin,
             block.rows, T(0), u, rows());
    }
    if (xi && noise_on_input_)
      for (int b = 0; b < B; ++b)
        loops.multiply_add(d, noise_.data(), xi + static_cast<std::size_t>(k * B + b) * d,
                           segment.scratch.u.data() + static_cast<std::size_t>(b) * rows());
    kernels().step(step);
    if (xi && !noise_on_input_)
      for (int b = 0; b < B; ++b)
        loops.multiply_add(d, noise_.data(), xi + static_cast<std::size_t>(k * B + b) * d,
                           step.h + static_cast<std::size_t>(b) * step.h_ld);
    if (segment.any_cut)
      for (int b = 0; b < B; ++b)
        std::memcpy(segment.z.data() + static_cast<std::size_t>((k + 1) * B + b) * ld_,
                    step.h + static_cast<std::size_t>(b) * d, sizeof(T) * static_cast<std::size_t>(d));
    if (more > 0)
      std::memcpy(segment.hidden.data() + static_cast<std::size_t>((k + 1) * B) * more, step.hidden_after,
                  sizeof(T) * static_cast<std::size_t>(B) * static_cast<std::size_t>(more));
    if (segment.any_cut && k + 1 < segment.steps) cut(k + 1);
  }
}

template <class T>
void Cell<T>::carry(Segment<T>& segment) const {
  const int B = segment.streams, more = (states() - 1) * units_;
  const T* from = segment.z.data() + static_cast<std::size_t>(segment.steps * B) * ld_;
  for (int b = 0; b < B; ++b)
    std::memcpy(segment.z.data() + static_cast<std::size_t>(b) * ld_, from + static_cast<std::size_t>(b) * ld_,
                sizeof(T) * static_cast<std::size_t>(units_));
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
  copy(segment.hidden, kept.hidden, static_cast<std::size_t>(states() - 1) * d);
  copy(segment.tape, kept.tape, static_cast<std::size_t>(record_->tape) * d);
  copy(segment.cut, kept.cut, 1);
}

template <class T>
void Cell<T>::use_weights(Segment<T>& segment, const T* theta) const {
  segment.theta = theta;
  segment.scratch.has_theta_t = segment.scratch.has_own = false;
}

template class Cell<float>;
template class Cell<double>;

}  // namespace chronograd
