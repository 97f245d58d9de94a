// SPDX-License-Identifier: Apache-2.0
#include "rules/pattern_blocks.hpp"

#include <algorithm>
#include <string>

#include "math/gemm.hpp"
#include "math/kernels.hpp"
#include "math/panels.hpp"
#include "math/scratch.hpp"
#include "rules/influence_jobs.hpp"

namespace chronograd {
namespace {

struct OfColumns;     // columns of M before a block
struct OfVectors;     // state vectors on their way back
struct OfCharges;     // what the states of a group charge a row with, step by step
struct OfRegressors;  // of a span, step by step

}  // namespace

template <class T>
PatternBlocks<T>::PatternBlocks(const RuleSetup<T>& setup, InfluencePattern pattern, int block)
    : stack_(setup.stack),
      streams_(setup.streams),
      width_(setup.stack.width()),
      block_(block),
      pattern_(std::move(pattern)),
      jacobian_(setup.stack, pattern_, setup.streams),
      kept_(setup.stack, block, setup.streams, KeptWeights::of_now, setup.whitened),
      scan_(setup.stack) {
  // As many vectors at once as lie in the nearest cache, before and after a step.
  const int lanes = kernels<T>().lanes, vectors = (width_ + lanes - 1) / lanes;
  constexpr int cache = (32 << 10) / static_cast<int>(sizeof(T));
  const int at_once = std::clamp(cache / (width_ * lanes), 2, 6);
  tiles_ = (vectors + at_once - 1) / at_once;
  tile_width_ = (vectors + tiles_ - 1) / tiles_ * lanes;
  transpose();
  lay_out_groups();
  values_.resize(area(block_ * streams_, terms() + downs()));
  gains_.resize(area(block_ * streams_, stack_.states() * stack_.rows()));
  charges_.resize(area(tiles_ * block_, stack_.rows()) * area(tile_width_, 1));
  phi_.resize(area(tiles_ * width_, tile_width_));
  before_.resize(area(streams_, width_));
  for (Buffer<T>* x : {&x_, &x_before_, &delta_, &none_}) x->resize(area(width_, 1));
  gathered_.resize(area(terms(), 1));
  value_.resize(pattern_.values);
  du_.resize(area(block_ * streams_, stack_.rows()));
  rehearse();
}

/// J^T: each state before a step, and the states after it that read it.
template <class T>
void PatternBlocks<T>::transpose() {
  const int S = stack_.states();
  struct Term {
    int source, value;
  };
  std::vector<std::vector<Term>> terms(area(width_, 1));
  for (int state = 0; state < width_; ++state)
    for (int s = 0; s < S; ++s) {
      const int after = state / S * S + s;
      terms[area(state, 1)].push_back({after, after * S + state % S});
    }
  using Connection = InfluencePattern::Connection;
  const auto each_value = [S](const Connection& connection, const auto& visit) {
    for (int s = 0; s < S; ++s)
      visit(connection.from * S + connection.state, connection.to * S + s, static_cast<int>(connection.value_at) + s);
  };
  for (const Connection& connection : pattern_.connections)
    if (!connection.same_step)
      each_value(connection, [&](int from, int to, int value) { terms[area(from, 1)].push_back({to, value}); });
  std::vector<int> order(area(width_, 1));
  for (int state = 0; state < width_; ++state) order[area(state, 1)] = state;
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return terms[area(a, 1)].size() < terms[area(b, 1)].size(); });
  place_.resize(order.size());
  for (int place = 0; place < width_; ++place) place_[area(order[area(place, 1)], 1)] = place;
  const int d = stack_.units();
  for (const int state : order) {
    const std::vector<Term>& own = terms[area(state, 1)];
    const auto count = static_cast<int>(own.size());
    if (runs_.empty() || runs_[runs_.size() - 2] != count) runs_.insert(runs_.end(), {count, 0});
    ++runs_.back();
    for (const Term& term : own) {
      source_.push_back(place_[area(term.source, 1)]);
      source_tile_.push_back(source_.back() * tile_width_);
      value_of_.push_back(term.value);
    }
    const int unit = state / S;
    stack_at_.push_back((unit / d * S + state % S) * d + unit % d);
  }
  down_begin_.push_back(0);
  for (int l = stack_.layers() - 1; l >= 0; --l) {
    for (const Connection& connection : pattern_.connections)
      if (connection.same_step && connection.to / d == l)
        each_value(connection, [&](int from, int to, int value) {
          downs_.push_back({place_[area(from, 1)], place_[area(to, 1)]});
          value_of_.push_back(value);
        });
    down_begin_.push_back(downs());
  }
}

template <class T>
void PatternBlocks<T>::lay_out_groups() {
  const int rows_of_layer = stack_.layer(0).rows();
  std::size_t most_rows = 0, most_columns = 0;
  for (const InfluencePattern::Column& column : pattern_.columns) {
    z_of_.push_back(column.z);
    theta_of_.push_back(static_cast<int>(column.theta));
  }
  for (std::size_t g = 0; g < pattern_.groups.size(); ++g) {
    const InfluencePattern::Group& group = pattern_.groups[g];
    const InfluencePattern::Column* column = pattern_.columns.data() + group.first_column;
    for (int first = 0, same = 0; first < columns(g); first += same) {
      for (same = 1; first + same < columns(g) && column[first + same].row == column[first].row; ++same) {
      }
      spans_.push_back({g, first, same, group.layer * rows_of_layer + column[first].row});
    }
    states_.push_back(group.rows);
    std::sort(states_.back().begin(), states_.back().end());
    std::vector<Run>& runs = run_.emplace_back();
    for (int a = 0, last = -2; a < rows(g); ++a) {
      const int state = states_[g][area(a, 1)], lane = state % tile_width_;
      if (state != last + 1 || lane == 0) runs.push_back({a, 0, state / tile_width_, lane});
      ++runs.back().count;
      last = state;
    }
    begin_.push_back(entries_);
    entries_ += area(rows(g), columns(g));
    most_rows = std::max(most_rows, states_[g].size());
    most_columns = std::max(most_columns, area(columns(g), 1));
  }
  influence_.resize(entries_ * area(streams_, 1));
  group_phi_.resize(most_rows * most_rows);
  read_.resize(most_columns);
}

/// Takes the memory that a block of steps needs, so that no step does; see Rtrl.
template <class T>
void PatternBlocks<T>::rehearse() {
  constexpr int short_enough = 512;
  Buffer<T> grad(stack_.parameters());
  for (int steps = 1; steps <= block_; ++steps) stack_.accumulate(kept_.all(), 0, steps, du_.data(), grad.data());
  if (width_ > short_enough) return;
  waiting_ = block_;
  go_back(grad.data());
  empty_ = false;
  settle();
  begin();
}

template <class T>
void PatternBlocks<T>::begin() {
  influence_.zero();
  empty_ = true;
  forget_waiting();
}

template <class T>
void PatternBlocks<T>::forget_waiting() {
  waiting_ = 0;
  kept_.clear();
}

template <class T>
void PatternBlocks<T>::state(Archive& archive) {
  std::int64_t empty = empty_, waiting = waiting_;
  archive.number("empty", empty);
  archive.number("waiting", waiting);
  empty_ = empty != 0;
  waiting_ = static_cast<int>(waiting);
  kept_.state(archive);
  archive.array("kept_jacobian", values_.span());
  archive.array("kept_gain", gains_.span());
  for (int b = 0; b < streams_; ++b) archive.array(numbered(archive, "M", b), std::span<T>(influence(b, 0), entries_));
}

template <class T>
void PatternBlocks<T>::learn(Layers<T> layers, const Credit<T>& credit, T* grad) {
  const int steps = layers[0].steps;
  for (int k0 = 0, k1 = 0; k0 < steps; k0 = k1) {
    const bool fresh = empty_ && waiting_ == 0, alone = fresh && layers[0].last;
    k1 = alone ? steps : std::min(steps, k0 + block_ - waiting_);
    scan_.run(layers, k0, k1, Recurrent::full, true, credit, fresh ? nullptr : before_.data(), grad);
    if (!fresh) go_back(grad);
    if (layers[0].last && k1 == steps) return forget_waiting();  // nothing is carried on
    for (int k = k0; k < k1; ++k) keep(layers, k);
    if (waiting_ == block_) settle();
  }
}

/// Keeps what step k's products need, of all streams.
template <class T>
void PatternBlocks<T>::keep(Layers<T> layers, int k) {
  const int slot = waiting_++, G = stack_.rows() / stack_.layers(), S = stack_.states();
  kept_.keep(layers, k, slot);
  jacobian_.linearise(layers, k);
  for (int b = 0; b < streams_; ++b) {
    jacobian_.values(layers[0].theta, b, value_.data());
    kernels<T>().gather(terms() + downs(), value_of_.data(), value_.data(), values(slot, b));
    if (layers[0].cut[area(k, streams_) + area(b, 1)]) std::fill_n(values(slot, b), terms(), T(0));
    for (int l = 0; l < stack_.layers(); ++l)
      std::copy_n(jacobian_.gain(l, b), area(S, G), gains(slot, b) + area(l * S, G));
  }
}

/// What `lanes` vectors x [place][lanes] of credit on the states after a step charge the pre-activations with, du
/// [rows][lanes] at distance `ld`; in x the credit passes down the layers.
template <class T>
void PatternBlocks<T>::charge(const T* value, const T* gain, int lanes, T* x, T* du, int ld) const {
  const Kernels<T>& loops = kernels<T>();
  const int S = stack_.states(), d = stack_.units(), G = stack_.gates(), N = stack_.layers();
  const auto add = [&](T factor, const T* from, T* to) {
    if (lanes == 1)
      *to += factor * *from;
    else
      loops.axpy(lanes, factor, from, to);
  };
  const auto vector = [&](int place) { return x + area(place, lanes); };
  for (int l = N - 1, top = 0; l >= 0; --l, ++top) {
    for (int g = 0; g < G; ++g)
      for (int i = 0; i < d; ++i) {
        T* to = du + area((l * G + g) * d + i, ld);
        std::fill_n(to, lanes, T(0));
        for (int s = 0; s < S; ++s)
          add(gain[area((l * S + s) * G + g, d) + area(i, 1)], vector(place_[area((l * d + i) * S + s, 1)]), to);
      }
    for (int e = down_begin_[area(top, 1)]; e < down_begin_[area(top + 1, 1)]; ++e)
      add(value[terms() + e], vector(downs_[area(e, 1)].to), vector(downs_[area(e, 1)].from));
  }
}

/// Takes the credit in before_, on the states after the last step that waits, to before the first of them, adds what
/// the weights of these steps get of it, and reads M.
template <class T>
void PatternBlocks<T>::go_back(T* grad) {
  const Kernels<T>& loops = kernels<T>();
  for (int b = 0; b < streams_; ++b) {
    loops.gather(width_, stack_at_.data(), before_.data() + area(b, width_), x_.data());
    for (int slot = waiting_ - 1; slot >= 0; --slot) {
      const T* value = values(slot, b);
      charge(value, gains(slot, b), 1, x_.data(), du_.data() + area(slot * streams_ + b, stack_.rows()), 1);
      loops.gather(terms(), source_.data(), x_.data(), gathered_.data());
      const T* read_by = gathered_.data();
      T* to = x_before_.data();
      for (std::size_t run = 0; run < runs_.size(); run += 2)
        for (int i = 0; i < runs_[run + 1]; ++i, value += runs_[run], read_by += runs_[run])
          *to++ = loops.dot(runs_[run], value, read_by);
      std::swap(x_, x_before_);
    }
    if (!empty_) read(b, grad);
  }
  if (waiting_ > 0) stack_.accumulate(kept_.all(), 0, waiting_, du_.data(), grad);
}

/// grad += x_ M
template <class T>
void PatternBlocks<T>::read(int b, T* grad) {
  for (std::size_t g = 0; g < pattern_.groups.size(); ++g) {
    const InfluencePattern::Group& group = pattern_.groups[g];
    for (int a = 0; a < rows(g); ++a) delta_[area(a, 1)] = x_[area(place_[area(states_[g][area(a, 1)], 1)], 1)];
    gemm(Op::none, Op::none, 1, columns(g), rows(g), delta_.data(), rows(g), influence(b, g), columns(g), T(0),
         read_.data(), columns(g));
    const int* theta = theta_of_.data() + group.first_column;
    for (int c = 0; c < columns(g); ++c) grad[theta[c]] += read_[area(c, 1)];
  }
}

/// Takes M over the steps that wait, `block_` of them.
template <class T>
void PatternBlocks<T>::settle() {
  const auto numbers = static_cast<double>(width_);
  for (int b = 0; b < streams_; ++b) {
    share(crew_, tiles_, numbers * terms() * block_, [&](int tile) { take_back(tile, b); });
    multiply(b);
    share(crew_, static_cast<int>(spans_.size()), static_cast<double>(entries_) * block_,
          [&](int i) { add_fresh(spans_[area(i, 1)], b); });
  }
  empty_ = false;
  forget_waiting();
}

/// The vectors of a tile, unit vectors after the block, back to before it: charges of all steps, and Phi.
template <class T>
void PatternBlocks<T>::take_back(int tile, int b) {
  const std::size_t numbers = area(width_, tile_width_);
  T *x = scratch<OfVectors, T>(2 * numbers + area(tile_width_, 1)), *before = x + numbers, *not_read = before + numbers;
  std::fill_n(x, numbers, T(0));
  for (int lane = 0, state = tile * tile_width_; lane < tile_width_ && state < width_; ++lane, ++state)
    x[area(place_[area(state, 1)], tile_width_) + area(lane, 1)] = 1;
  for (int slot = block_ - 1; slot >= 0; --slot) {
    charge(values(slot, b), gains(slot, b), tile_width_, x, charges(tile, 0) + area(slot, tile_width_),
           block_ * tile_width_);
    kernels<T>().influence_step({tile_width_, tile_width_, runs_.data(), runs_.data() + runs_.size(),
                                 source_tile_.data(), values(slot, b), none_.data(), x, before, x, not_read});
    std::swap(x, before);
  }
  std::copy_n(x, numbers, phi_.data() + area(tile, 1) * numbers);
}

/// M <- Phi M
template <class T>
void PatternBlocks<T>::multiply(int b) {
  if (empty_) return;
  const std::uint8_t* cut = kept_.all()[0].cut.data();
  for (int slot = 0; slot < block_; ++slot)
    if (cut[area(slot, streams_) + area(b, 1)] != 0) {
      std::fill_n(influence(b, 0), entries_, T(0));
      return;
    }
  for (std::size_t g = 0; g < pattern_.groups.size(); ++g) {
    const std::vector<int>& states = states_[g];
    const int count = rows(g), ld = columns(g);
    T* phi = group_phi_.data();
    for (const int after : states) {
      const T* column = phi_.data() + area(after / tile_width_ * width_, tile_width_) + area(after % tile_width_, 1);
      for (const int before : states) *phi++ = column[area(place_[area(before, 1)], tile_width_)];
    }
    const int at_once = columns_at_once<T>(count);
    share(crew_, (ld + at_once - 1) / at_once, static_cast<double>(count) * count * ld, [&](int job) {
      const int first = job * at_once, taken = std::min(at_once, ld - first);
      T *m = influence(b, g) + first, *old = scratch<OfColumns, T>(area(count, at_once));
      to_panels(Op::none, count, taken, m, ld, old);
      times_panels(count, taken, count, group_phi_.data(), count, old, T(0), m, ld);
    });
  }
}

/// M += the sum over the steps of a block of (G D) (x) z, in the columns of a span.
template <class T>
void PatternBlocks<T>::add_fresh(const Span& span, int b) {
  const Kernels<T>& loops = kernels<T>();
  const InfluencePattern::Group& group = pattern_.groups[span.group];
  const Segment<T>& kept = kept_.all()[area(group.layer, 1)];
  const int* z_of = z_of_.data() + group.first_column + span.first;
  const int count = rows(span.group), ld = columns(span.group);
  T *charged = scratch<OfCharges, T>(area(block_, count)), *z = scratch<OfRegressors, T>(area(block_, span.columns));
  for (const Run& run : run_[span.group])
    for (int slot = 0; slot < block_; ++slot)
      std::copy_n(charges(run.tile, span.row) + area(slot, tile_width_) + area(run.lane, 1), run.count,
                  charged + area(slot, count) + area(run.first, 1));
  for (int slot = 0; slot < block_; ++slot)
    loops.gather(span.columns, z_of, kept.regressors() + area(slot * streams_ + b, stack_.layer(group.layer).ld()),
                 z + area(slot, span.columns));
  gemm(Op::transposed, Op::none, count, span.columns, block_, charged, count, z, span.columns, T(1),
       influence(b, span.group) + span.first, ld);
}

template class PatternBlocks<float>;
template class PatternBlocks<double>;

}  // namespace chronograd
