// SPDX-License-Identifier: Apache-2.0
// What a readout may read in place of h, as further states of the unit: wrappers of a unit's two functions, and of a
// record. Whatever a loss looks at is then a state of a unit at the step where it is charged, and every rule is right
// about it without knowing.
#pragma once

#include "chronograd/unit_loops.hpp"

namespace chronograd {
namespace {

/// A unit with H states more behind its own. What the unit carries without credit stands behind all states.
template <class Unit>
struct Extended {
  static constexpr int heads = heads_of<Unit>(), own = Unit::states, states = own + heads, gates = Unit::gates,
                       carried = carried_of<Unit>();

  /// The unit's own step: next[0, own), and next[states, states + carried).
  template <class T>
  CHRONOGRAD_INLINE static void own_step(const T* c, const T* u, const T* s, T* next, T* tape) {
    T before[own + carried], after[own + carried];
    each<own>([&](auto r) { before[r] = s[r]; });
    each<carried>([&](auto r) { before[own + r] = s[states + r]; });
    Unit::step(c, u, before, after, tape);
    each<own>([&](auto r) { next[r] = after[r]; });
    each<carried>([&](auto r) { next[states + r] = after[own + r]; });
  }
  /// Its own linearisation, in the first rows and columns; the further columns of these rows are zero. The further
  /// rows: `factor` times the own rows from `from` on, and `keep` on the diagonal.
  template <class T>
  CHRONOGRAD_INLINE static void own_linearise(const T* c, T self, const T* s, const T* tape, int from, T factor, T keep,
                                              T* local, T* gain) {
    T before[own + carried], l[own * own], g[own * gates];
    each<own>([&](auto r) { before[r] = s[r]; });
    each<carried>([&](auto r) { before[own + r] = s[states + r]; });
    Unit::linearise(c, self, before, tape, l, g);
    each<own>([&](auto r) {
      each<own>([&](auto k) { local[r * states + k] = l[r * own + k]; });
      each<heads>([&](auto k) { local[r * states + own + k] = T(0); });
      each<gates>([&](auto k) { gain[r * gates + k] = g[r * gates + k]; });
    });
    each<heads>([&](auto v) {
      each<own>([&](auto k) { local[(own + v) * states + k] = factor * l[(from + v) * own + k]; });
      each<heads>([&](auto k) { local[(own + v) * states + own + k] = k == v ? keep : T(0); });
      each<gates>([&](auto k) { gain[(own + v) * gates + k] = factor * g[(from + v) * gates + k]; });
    });
  }
};

/// f' = kappa f + zeta_out h', which the readout reads. Constants: the unit's own, kappa, zeta_out.
template <class Unit>
struct Filtered : Extended<Unit> {
  using Base = Extended<Unit>;
  static constexpr int tape_size = Unit::tape_size, constants = Unit::constants + 2, shown = Base::own;

  template <class T>
  CHRONOGRAD_INLINE static void step(const T* c, const T* u, const T* s, T* next, T* tape) {
    Base::own_step(c, u, s, next, tape);
    const T kappa = c[Unit::constants], zeta_out = c[Unit::constants + 1];
    each<Base::heads>([&](auto v) { next[shown + v] = kappa * s[shown + v] + zeta_out * next[v]; });
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* c, T self, const T* s, const T* tape, T* local, T* gain) {
    Base::own_linearise(c, self, s, tape, 0, c[Unit::constants + 1], c[Unit::constants], local, gain);
  }
};

/// The sum over steps of what the unit shows, times what each step counts: a mean output is read from it.
template <class Unit>
struct Averaged : Extended<Unit> {
  using Base = Extended<Unit>;
  static constexpr int tape_size = Unit::tape_size + 1, constants = Unit::constants, shown = Base::own;
  static constexpr bool weighted = true;

  template <class T>
  CHRONOGRAD_INLINE static void step(const T* c, const T* u, const T* s, T* next, T* tape) {
    Base::own_step(c, u, s, next, tape);
    const T weight = c[constants];
    each<Base::heads>([&](auto v) { next[shown + v] = s[shown + v] + weight * next[shown_of<Unit>() + v]; });
    tape[Unit::tape_size] = weight;
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* c, T self, const T* s, const T* tape, T* local, T* gain) {
    Base::own_linearise(c, self, s, tape, shown_of<Unit>(), tape[Unit::tape_size], T(1), local, gain);
  }
};

/// The record of the filtered unit, with its loops.
constexpr CellRecord filtered_record(CellRecord record, CellKernels<float> kernels_float,
                                     CellKernels<double> kernels_double) {
  const int constants = record.constant_count();
  record.constants[constants] = "kappa";
  record.constants[constants + 1] = "zeta_out";
  constexpr const char* names[] = {"f0", "f0_2"};
  for (int v = 0; v < record.heads; ++v) record.further[record.states - 1 + v] = names[v];
  record.filter = record.shown = record.states;
  record.states += record.heads;
  record.kernels_float = kernels_float;
  record.kernels_double = kernels_double;
  return record;
}

/// The record of the averaged unit, with its loops.
constexpr CellRecord averaged_record(CellRecord record, CellKernels<float> kernels_float,
                                     CellKernels<double> kernels_double) {
  for (int v = 0; v < record.heads; ++v) record.further[record.states - 1 + v] = "";
  record.shown = record.states;
  record.states += record.heads;
  record.tape += 1;
  record.weighted = true;
  record.kernels_float = kernels_float;
  record.kernels_double = kernels_double;
  return record;
}

template <class Unit>
using Bare = Unit;
template <class Unit>
using AveragedFilter = Averaged<Filtered<Unit>>;

/// The twins of a cell, for a class with
///   static constexpr CellRecord record (the plain one, without its loops and twins);
///   template <template <class> class Wrap, class T> static constexpr CellKernels<T> kernels() (those of Wrap<Unit>).
template <class Cell>
struct ReadoutTwins {
  static constexpr CellRecord filter_record = filtered_record(Cell::record, Cell::template kernels<Filtered, float>(),
                                                              Cell::template kernels<Filtered, double>());
  static constexpr CellRecord averaged = averaged_record(Cell::record, Cell::template kernels<Averaged, float>(),
                                                         Cell::template kernels<Averaged, double>());
  static constexpr CellRecord averaged_filter = averaged_record(
      filter_record, Cell::template kernels<AveragedFilter, float>(), Cell::template kernels<AveragedFilter, double>());
  static constexpr CellRecord filtered = [] {
    CellRecord record = filter_record;
    record.averaged = &averaged_filter;
    return record;
  }();
};

/// The record of such a class, with these twins.
template <class Cell>
constexpr CellRecord with_readouts(const CellRecord& filtered, const CellRecord& averaged) {
  CellRecord record = Cell::record;
  record.kernels_float = Cell::template kernels<Bare, float>();
  record.kernels_double = Cell::template kernels<Bare, double>();
  record.filtered = &filtered;
  record.averaged = &averaged;
  return record;
}
/// The same, with its own.
template <class Cell>
constexpr CellRecord with_readouts() {
  return with_readouts<Cell>(ReadoutTwins<Cell>::filtered, ReadoutTwins<Cell>::averaged);
}

}  // namespace
}  // namespace chronograd
