// SPDX-License-Identifier: Apache-2.0
#include "rules/influence_advance.hpp"

#include <algorithm>
#include <string>

#include "chronograd/error.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "math/panels.hpp"
#include "math/scratch.hpp"
#include "rules/influence_jobs.hpp"

namespace chronograd {
namespace {

struct OfM;      // columns of M before a step
struct OfGates;  // what they give the pre-activations, and one unit's rows
struct Widened;  // what is stored in 16 bits, to calculate with

template <class T>
bool is_zero(const Buffer<T>& x) {
  return std::all_of(x.data(), x.data() + x.size(), [](T value) { return value == T(0); });
}

}  // namespace

template <class T, class Stored>
InfluenceAdvance<T, Stored>::InfluenceAdvance(const Stack<T>& stack, int streams)
    : stack_(stack),
      streams_(streams),
      width_(stack.width()),
      factored_(as_is && stack.layers() == 1 && stack.gates() < stack.states() * stack.states()) {
  g_.resize(area(width_, width_));
  q_.resize(area(width_, stack_.shown_width()));
  du_.resize(area(width_, stack_.rows()));
  local_.resize(area(streams_ * stack_.states() * stack_.states(), stack_.units()));
  gain_.resize(area(streams_ * stack_.states() * stack_.gates(), stack_.units()));
}

template <class T, class Stored>
typename InfluenceAdvance<T, Stored>::Matrices InfluenceAdvance<T, Stored>::matrices() const {
  Matrices all(static_cast<std::size_t>(streams_ * stack_.layers()));
  for (int b = 0; b < streams_; ++b)
    for (int l = 0; l < stack_.layers(); ++l) all[place(b, l)].resize(area(states(l), parameters(l)));
  return all;
}

template <class T, class Stored>
void InfluenceAdvance<T, Stored>::row_product(const Matrices& m, int b, const T* delta, T* grad) const {
  constexpr int columns = 8192;
  for (int l = 0; l < stack_.layers(); ++l)
    share(crew_, pieces_of(l, columns), static_cast<double>(states(l)) * parameters(l),
          [&](int i) { ask(m[place(b, l)].data(), columns_of(l, columns, i), delta, grad); });
}

/// Some columns of grad += delta . M
template <class T, class Stored>
void InfluenceAdvance<T, Stored>::ask(const Stored* m, const Piece& piece, const T* delta, T* grad) const {
  const int l = piece.layer, p = parameters(l);
  T* to = grad + stack_.theta_at(l) + piece.at;
  if constexpr (as_is)
    gemm(Op::none, Op::none, 1, piece.count, states(l), delta + first(l), width_, m + piece.at, p, T(1), to, p);
  else
    kernels<T>().far_row_times(states(l), piece.count, delta + first(l), m + piece.at, p, to);
}

template <class T, class Stored>
void InfluenceAdvance<T, Stored>::take_memory(int steps) {
  if (coefficients_.size() < factors(steps)) coefficients_.resize(factors(steps));
  for (int l = 0; l < stack_.layers(); ++l) {
    const std::size_t tile = area(states(l), columns_at_once<T>(states(l)));
    scratch<OfM, T>(tile);
    if (!as_is) scratch<Widened, T>(std::max(tile, area(parameters(l), 1)));
  }
  if (factored_) scratch<OfGates, T>(area(stack_.rows() + stack_.states(), columns_at_once<T>(width_)));
}

template <class T, class Stored>
void InfluenceAdvance<T, Stored>::at_once(const Step& step, int k0, int k1, bool empty, Matrices& m, const T* delta,
                                          T* grad) {
  const int K = k1 - k0;
  if constexpr (as_is)
    if (K == 1 && factored_) return take_step(step, k0, empty, m, delta, grad);
  if (coefficients_.size() < factors(K)) coefficients_.resize(factors(K));
  if (one_layer()) set_gains(step(k1 - 1), k1 - 1);
  for (int b = 0; b < streams_; ++b) {
    start();
    for (int k = k1 - 1; k >= k0; --k) pull(step(k), k, b, k - k0, K);
    join();
    const T* own = delta ? delta + area(b, width_) : nullptr;
    const bool carried = !empty && !is_zero(g_);
    if (!empty && !carried && own) row_product(m, b, own, grad);
    const Layers<T> layers = step(k0);
    for (int l = 0; l < stack_.layers(); ++l) {
      const int columns = columns_at_once<T>(states(l));
      const double work = static_cast<double>(states(l)) * states(l) * parameters(l);
      share(crew_, pieces_of(l, columns), carried ? work : 0,
            [&](int i) { carry(layers[0], b, k1 - 1, columns_of(l, columns, i), carried, m, m, own, grad); });
    }
    if (summed(K) > 0)
      share(crew_, width_, static_cast<double>(summed(K)) * width_ * static_cast<double>(stack_.parameters()),
            [&](int i) { add_row(layers, k0, K, b, i, m); });
  }
}

/// A single step, factored.
template <class T, class Stored>
void InfluenceAdvance<T, Stored>::take_step(const Step& step, int k, bool empty, std::vector<Buffer<T>>& m,
                                            const T* delta, T* grad) {
  const Layers<T> layers = step(k);
  stack_.layer(0).linearise(layers[0], k, Recurrent::full, local_.data(), gain_.data());
  const int columns = columns_at_once<T>(width_), p = parameters(0);
  for (int b = 0; b < streams_; ++b) {
    const bool begins = layers[0].any_cut && layers[0].cut[area(k * streams_ + b, 1)] != 0, carried = !empty && !begins;
    T* all = m[place(b, 0)].data();
    const double work = static_cast<double>(area(stack_.rows(), stack_.shown_width())) * p;
    share(crew_, pieces_of(0, columns), carried ? work : 0, [&](int i) {
      const Piece piece = columns_of(0, columns, i);
      T* part = all + piece.at;
      if (delta && !empty)
        gemm(Op::none, Op::none, 1, piece.count, width_, delta + area(b, width_), width_, part, p, T(1),
             grad + piece.at, p);
      if (carried)
        step_columns(layers[0], b, piece, part);
      else
        for (int row = 0; row < width_; ++row) std::fill_n(part + area(row, p), piece.count, T(0));
      add_immediate(layers[0], b, k, piece, part, p);
    });
  }
}

/// Some columns of M, at m: m <- A m + D W_rec m_h. Most entries of A and, where units spike, of D are zero.
template <class T, class Stored>
void InfluenceAdvance<T, Stored>::step_columns(const Segment<T>& segment, int b, const Piece& piece, T* m) const {
  const Cell<T>& cell = stack_.layer(0);
  const Kernels<T>& loops = kernels<T>();
  const int d = cell.units(), S = cell.states(), G = cell.gates(), p = parameters(0), count = piece.count;
  T* gates = scratch<OfGates, T>(area(G * d + S, count));
  T* own = gates + area(G * d, count);
  for (const Block& block : cell.blocks()) {
    T* to = gates + area(block.row, count);
    if (block.col == 0)
      gemm(Op::transposed, Op::none, block.rows, count, cell.shown_width(), segment.theta + block.begin, block.rows, m,
           p, T(0), to, count);
    else
      std::fill_n(to, area(block.rows, count), T(0));
  }
  const T *local = local_.data() + area(b * S * S, d), *gain = gain_.data() + area(b * S * G, d);
  for (int i = 0; i < d; ++i) {
    for (int s = 0; s < S; ++s) std::copy_n(m + area(s * d + i, p), count, own + area(s, count));
    for (int s = 0; s < S; ++s) {
      T* row = m + area(s * d + i, p);
      std::fill_n(row, count, T(0));
      const auto add = [&](T factor, const T* from) {
        if (factor != T(0)) loops.axpy(count, factor, from, row);
      };
      for (int r = 0; r < S; ++r) add(local[area(s * S + r, d) + static_cast<std::size_t>(i)], own + area(r, count));
      for (int g = 0; g < G; ++g)
        add(gain[area(s * G + g, d) + static_cast<std::size_t>(i)], gates + area(g * d + i, count));
    }
  }
}

template <class T, class Stored>
void InfluenceAdvance<T, Stored>::by_pieces(int steps) {
  steps_ = steps;
  take_memory(steps);
  for (int j = 0; j < steps; ++j)
    pieces_.push_back({Piece::pull, 0, j, 1, static_cast<double>(width_) * stack_.rows() * stack_.units()});
  for (int l = 0; l < stack_.layers(); ++l) {
    // A quarter of what lies in the second cache: small pieces are shared out evenly.
    const int columns = std::max(64, columns_at_once<T>(states(l)) / 4);
    for (int i = 0; i < pieces_of(l, columns); ++i) pieces_.push_back(columns_of(l, columns, i));
  }
  for (int i = 0; i < width_ && summed(steps) > 0; ++i)
    pieces_.push_back({Piece::row, 0, i, 1, summed(steps) * static_cast<double>(stack_.parameters())});
}

template <class T, class Stored>
void InfluenceAdvance<T, Stored>::go_on(const Step& step, int k0, bool empty, const Matrices& m, Matrices& next,
                                        int steps) {
  const auto count = static_cast<std::int64_t>(pieces_.size());
  const double goal = work_of(pieces_) * streams_ * steps / steps_;
  while (done_ < count * streams_ && (work_done_ < goal || steps == steps_)) {
    const int b = static_cast<int>(done_ / count);
    const auto from = pieces_.begin() + done_ % count;
    auto to = from;
    double work = 0;
    for (; to != pieces_.end() && to->kind == from->kind && (work_done_ + work < goal || steps == steps_); ++to)
      work += to->work;
    run(step, k0, b, {from, to}, work, empty, m, next);
    work_done_ += work;
    done_ += to - from;
  }
}

/// Some pieces of one kind.
template <class T, class Stored>
void InfluenceAdvance<T, Stored>::run(const Step& step, int k0, int b, std::span<const Piece> pieces, double work,
                                      bool empty, const Matrices& m, Matrices& next) {
  const int last = k0 + steps_ - 1, jobs = static_cast<int>(pieces.size());
  const Piece& head = pieces.front();
  if (head.kind == Piece::pull) {
    if (head.at == 0) start();
    for (const Piece& piece : pieces) {
      const int k = last - piece.at;
      pull(step(k), k, b, k - k0, steps_);
      if (k == k0) join();
    }
  } else if (head.kind == Piece::columns) {
    if (one_layer()) set_gains(step(last), last);
    const bool carried = !empty && !is_zero(g_);
    const Layers<T> layers = step(last);
    share(crew_, jobs, carried ? work : 0, [&](int i) {
      carry(layers[0], b, last, pieces[static_cast<std::size_t>(i)], carried, m, next, nullptr, nullptr);
    });
  } else {
    const Layers<T> layers = step(k0);
    share(crew_, jobs, work, [&](int i) { add_row(layers, k0, steps_, b, head.at + i, next); });
  }
}

template <class T, class Stored>
void InfluenceAdvance<T, Stored>::state(Archive& archive) {
  archive.number("pieces_done", done_);
  const auto count = static_cast<std::int64_t>(pieces_.size());
  if (done_ < 0 || done_ > count * streams_)
    throw Error(Exit::data, "state of the rule rtrl",
                "got " + std::to_string(done_) + " pieces of a block that are done, allowed are 0 to " +
                    std::to_string(count * streams_) + ".");
  work_done_ = 0;
  for (std::int64_t i = 0; i < done_; ++i) work_done_ += pieces_[static_cast<std::size_t>(i % count)].work;
  archive.array("Phi", g_.span());
  archive.array("Phi_shown", q_.span());
  archive.array("coefficients", coefficients_.span().first(factors(steps_)));
}

template <class T, class Stored>
void InfluenceAdvance<T, Stored>::set_gains(Layers<T> layers, int k) {
  stack_.layer(0).linearise(layers[0], k, Recurrent::none, local_.data(), gain_.data());
}

/// G = I, split into what came through A (g_) and through the top layer's W_rec (q_, where it shows h); rows are states
/// at the block's end.
template <class T, class Stored>
void InfluenceAdvance<T, Stored>::start() {
  g_.zero();
  q_.zero();
  for (int i = 0; i < width_; ++i) g_[area(i, width_) + static_cast<std::size_t>(i)] = 1;
}

/// G back through step k, the j-th of the block.
template <class T, class Stored>
void InfluenceAdvance<T, Stored>::pull(Layers<T> layers, int k, int b, int j, int steps) {
  const int rows = stack_.rows(), terms = summed(steps);
  stack_.pull_stream(layers, k, b, width_, g_.data(), q_.data(), du_.data());
  for (int i = 0; j < terms && i < width_; ++i)
    std::copy_n(du_.data() + area(i, rows), rows, coefficients_.data() + area(i * terms + j, rows));
}

/// Phi = g_ + q_
template <class T, class Stored>
void InfluenceAdvance<T, Stored>::join() {
  const int d = stack_.shown_width();
  for (int i = 0; i < width_; ++i)
    kernels<T>().add(d, q_.data() + area(i, d), g_.data() + area(i, width_) + stack_.shown());
}

template <class T, class Stored>
typename InfluenceAdvance<T, Stored>::Piece InfluenceAdvance<T, Stored>::columns_of(int l, int columns, int i) const {
  const int at = i * columns, count = std::min(columns, parameters(l) - at);
  return {Piece::columns, l, at, count, static_cast<double>(states(l)) * states(l) * count};
}

/// Some columns of M: next = Phi M, and grad += delta . M (delta null: none); in one layer next += Mbar of step k, too.
/// `carried`: neither Phi nor M is zero.
template <class T, class Stored>
void InfluenceAdvance<T, Stored>::carry(const Segment<T>& segment, int b, int k, const Piece& piece, bool carried,
                                        const Matrices& m, Matrices& next, const T* delta, T* grad) {
  const int l = piece.layer, rows = states(l), p = parameters(l), count = piece.count;
  const Stored* from = m[place(b, l)].data() + piece.at;
  Stored* stored = next[place(b, l)].data() + piece.at;
  // What is calculated with, and how far its rows are apart.
  const T* source;
  T* to;
  int ld = p;
  if constexpr (as_is) {
    source = from;
    to = stored;
  } else {
    ld = count;
    source = to = scratch<Widened, T>(area(rows, count));
    for (int i = 0; carried && i < rows; ++i) kernels<T>().widen(count, from + area(i, p), to + area(i, ld));
  }
  if (carried) {
    T* before = scratch<OfM, T>(area(rows, count));
    to_panels(Op::none, rows, count, source, ld, before);
    times_panels(rows, count, rows, g_.data() + area(first(l), width_ + 1), width_, before, T(0), to, ld);
    if (delta)
      times_panels(1, count, rows, delta + first(l), width_, before, T(1), grad + stack_.theta_at(l) + piece.at, p);
  } else {
    for (int i = 0; i < rows; ++i) std::fill_n(to + area(i, ld), count, T(0));
  }
  if (one_layer()) add_immediate(segment, b, k, piece, to, ld);
  if constexpr (!as_is)
    for (int i = 0; i < rows; ++i) kernels<T>().narrow(count, to + area(i, ld), stored + area(i, p));
}

/// Row i of M += the sum over the block's steps.
template <class T, class Stored>
void InfluenceAdvance<T, Stored>::add_row(Layers<T> layers, int k0, int steps, int b, int i, Matrices& next) const {
  const int rows = stack_.rows(), terms = summed(steps);
  for (const StackBlock& block : stack_.blocks()) {
    if (i < first(block.layer)) continue;
    const auto add_to = [&](T* to) {
      gemm(Op::transposed, Op::none, block.cols, block.rows, terms, stack_.regressors(layers, block, k0, b),
           streams_ * stack_.layer(block.layer).ld(), coefficients_.data() + area(i * terms, rows) + block.row, rows,
           T(1), to, block.rows);
    };
    Stored* row = next[place(b, block.layer)].data() + area(i - first(block.layer), parameters(block.layer)) +
                  block.begin - stack_.theta_at(block.layer);
    if constexpr (as_is) {
      add_to(row);
    } else {
      const int count = block.cols * block.rows;
      T* wide = scratch<Widened, T>(area(count, 1));
      kernels<T>().widen(count, row, wide);
      add_to(wide);
      kernels<T>().narrow(count, wide, row);
    }
  }
}

/// M += Mbar of step k in some columns, which lie at m, rows ld apart: the weights into a unit move that unit's states
/// alone.
template <class T, class Stored>
void InfluenceAdvance<T, Stored>::add_immediate(const Segment<T>& segment, int b, int k, const Piece& piece, T* m,
                                                int ld) const {
  const Cell<T>& cell = stack_.layer(0);
  const int d = cell.units(), G = cell.gates(), S = cell.states();
  const T* z = segment.regressors() + area(k * streams_ + b, cell.ld());
  const T* gain = gain_.data() + area(b, S * G * d);
  const auto from = static_cast<std::size_t>(piece.at), to = from + static_cast<std::size_t>(piece.count);
  for (const Block& block : cell.blocks()) {
    const auto rows = static_cast<std::size_t>(block.rows), end = block.begin + area(block.cols, block.rows);
    for (std::size_t c = std::max(from, block.begin); c < std::min(to, end);) {
      // The weights from one regressor.
      const std::size_t j = (c - block.begin) / rows, first = (c - block.begin) % rows,
                        end_row = std::min(rows, first + to - c);
      const T regressor = z[static_cast<std::size_t>(block.col) + j];
      int g = (block.row + static_cast<int>(first)) / d, i = (block.row + static_cast<int>(first)) % d;
      for (std::size_t row = first; row < end_row; ++row, ++c) {
        for (int s = 0; s < S; ++s)
          m[area(s * d + i, ld) + c - from] += gain[area(s * G + g, d) + static_cast<std::size_t>(i)] * regressor;
        if (++i == d) {
          i = 0;
          ++g;
        }
      }
    }
  }
}

template <class T, class Stored>
double InfluenceAdvance<T, Stored>::work_of(std::span<const Piece> pieces) {
  double sum = 0;
  for (const Piece& piece : pieces) sum += piece.work;
  return sum;
}

template class InfluenceAdvance<float>;
template class InfluenceAdvance<double>;
template class InfluenceAdvance<float, Bf16>;

}  // namespace chronograd
