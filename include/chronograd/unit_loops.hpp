// SPDX-License-Identifier: Apache-2.0
// A cell is two functions of one unit; this file turns them into the loops that the rest of the library calls. It is
// included by files that define cells: the library's own are compiled once per instruction set. A unit is a struct with
//   static constexpr int states (S), gates (G), tape_size (numbers remembered of a step, at least 1);
//   static constexpr int constants (numbers of a unit that do not learn);
//   template <class T> static void step(const T* c, const T* u, const T* s, T* next, T* tape);
//   template <class T> static void linearise(const T* c, T self, const T* s, const T* tape, T* local, T* gain);
// where c[constants] are its constants, u[G] its pre-activations, s[S] is the state before the step (s[0] = h) and
// next[S] the one after it,
//   local[r S + s] = dnext_r/ds_s,  gain[s G + g] = dnext_s/du_g.
// A unit may also have
//   static constexpr int heads (H = 1): so many states, the first, are h;
//   static constexpr int carried (C = 0): numbers s[S], ..., next[S], ... that are carried and take no credit;
//   static constexpr int shown (0): the first of the H states that the readout reads, 0: h.
// `self` is 1, or 0 where an effect of the unit on itself through its h that counts as recurrence is to be left out.
// `unit_kernels<Unit, T>()` is what the cell's record wants. Everything here is in an unnamed namespace.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "chronograd/cell.hpp"

#define CHRONOGRAD_INLINE [[gnu::always_inline]] inline
// The arrays of a loop over units do not overlap, or are read before they are written at the same unit.
#ifdef __clang__
#define CHRONOGRAD_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define CHRONOGRAD_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace chronograd {
namespace {

/// f(0), ..., f(N - 1) written out, so that small arrays become registers before the compiler vectorises over units.
template <class F, int... I>
CHRONOGRAD_INLINE void each(std::integer_sequence<int, I...>, const F& f) {
  (f(std::integral_constant<int, I>{}), ...);
}
template <int N, class F>
CHRONOGRAD_INLINE void each(const F& f) {
  each(std::make_integer_sequence<int, N>{}, f);
}

/// The sizes of a unit, with what it may leave out.
template <class Unit>
constexpr int heads_of() {
  if constexpr (requires { Unit::heads; })
    return Unit::heads;
  else
    return 1;
}
template <class Unit>
constexpr int carried_of() {
  if constexpr (requires { Unit::carried; })
    return Unit::carried;
  else
    return 0;
}
template <class Unit>
constexpr int shown_of() {
  if constexpr (requires { Unit::shown; })
    return Unit::shown;
  else
    return 0;
}
/// Numbers in `hidden` of a unit.
template <class Unit>
constexpr int more_of() {
  return Unit::states - heads_of<Unit>() + carried_of<Unit>();
}

/// State s of unit i before the step: h is in the regressor, the others and what takes no credit in `hidden`.
template <class Unit, class T>
CHRONOGRAD_INLINE void load_state(const T* z, const T* hidden, int units, int i, T* s) {
  constexpr int H = heads_of<Unit>();
  each<H>([&](auto r) { s[r] = z[r * units + i]; });
  each<more_of<Unit>()>([&](auto r) { s[r + H] = hidden[r * units + i]; });
}

/// The constants of unit i.
template <class Unit, class T>
CHRONOGRAD_INLINE void load_constants(const T* constants, int units, int i, T* c) {
  each<Unit::constants>([&](auto k) { c[k] = constants[k * units + i]; });
}

template <class Unit, class T>
void step_loop(const CellArgs<T>& a) {
  constexpr int H = heads_of<Unit>(), all = Unit::states + carried_of<Unit>(), more = more_of<Unit>();
  constexpr int G = Unit::gates, N = Unit::tape_size, C = Unit::constants;
  const int d = a.units;
  for (int b = 0; b < a.streams; ++b) {
    const T* __restrict__ u = a.u + b * G * d;
    const T* __restrict__ z = a.z + b * a.ld;
    const T* __restrict__ hidden = a.hidden + b * more * d;
    const T* __restrict__ constants = a.constants;
    T* __restrict__ h = a.h + b * a.h_ld;
    T* __restrict__ hidden_after = a.hidden_after + b * more * d;
    T* __restrict__ tape = a.tape + b * N * d;
    CHRONOGRAD_INDEPENDENT
    for (int i = 0; i < d; ++i) {
      T s[all], next[all], in[G], keep[N], c[C + 1];
      load_state<Unit>(z, hidden, d, i, s);
      load_constants<Unit>(constants, d, i, c);
      each<G>([&](auto g) { in[g] = u[g * d + i]; });
      Unit::step(c, in, s, next, keep);
      each<H>([&](auto r) { h[r * d + i] = next[r]; });
      each<more>([&](auto r) { hidden_after[r * d + i] = next[r + H]; });
      each<N>([&](auto r) { tape[r * d + i] = keep[r]; });
    }
  }
}

template <class Unit, class T>
void linearise_loop(const CellArgs<T>& a, T* local_out, T* gain_out) {
  constexpr int S = Unit::states, G = Unit::gates, N = Unit::tape_size, C = Unit::constants;
  constexpr int all = S + carried_of<Unit>(), more = more_of<Unit>();
  const int d = a.units;
  const T self = a.self;
  for (int b = 0; b < a.streams; ++b) {
    const T* __restrict__ z = a.z + b * a.ld;
    const T* __restrict__ hidden = a.hidden + b * more * d;
    const T* __restrict__ tape = a.tape + b * N * d;
    const T* __restrict__ constants = a.constants;
    T* __restrict__ local = local_out + b * S * S * d;
    T* __restrict__ gain = gain_out + b * S * G * d;
    CHRONOGRAD_INDEPENDENT
    for (int i = 0; i < d; ++i) {
      T s[all], kept[N], l[S * S], g[S * G], c[C + 1];
      load_state<Unit>(z, hidden, d, i, s);
      load_constants<Unit>(constants, d, i, c);
      each<N>([&](auto r) { kept[r] = tape[r * d + i]; });
      Unit::linearise(c, self, s, kept, l, g);
      each<S * S>([&](auto r) { local[r * d + i] = l[r]; });
      each<S * G>([&](auto r) { gain[r * d + i] = g[r]; });
    }
  }
}

/// Where the credit that passes through A comes from and goes to.
enum class Through {
  lambda,  ///< an array of its own, in and out
  q_prev,  ///< it is added to the credit on h before the step: the one state of a unit is h
  nowhere  ///< there is none before, and none is asked for
};

/// q is credit on H states from `at` on.
template <Through through, int at, class Unit, class T>
CHRONOGRAD_INLINE void pull_streams(const CellArgs<T>& a, T* lambda_io, const T* q_in, T* du_out, T* q_prev_io) {
  constexpr int S = Unit::states, G = Unit::gates, N = Unit::tape_size, C = Unit::constants, H = heads_of<Unit>();
  constexpr int all = S + carried_of<Unit>(), more = more_of<Unit>();
  const int d = a.units;
  const T self = a.self;
  for (int b = 0; b < a.streams; ++b) {
    const T* __restrict__ z = a.z + b * a.ld;
    const T* __restrict__ hidden = a.hidden + b * more * d;
    const T* __restrict__ tape = a.tape + b * N * d;
    const T* __restrict__ constants = a.constants;
    const T* __restrict__ q = q_in + b * H * d;
    T* __restrict__ lambda = through == Through::lambda ? lambda_io + b * a.state_ld : nullptr;
    T* __restrict__ q_prev = through == Through::q_prev ? q_prev_io + b * d : nullptr;
    T* __restrict__ du = du_out + b * a.row_ld;
    CHRONOGRAD_INDEPENDENT
    for (int i = 0; i < d; ++i) {
      T s[all], kept[N], l[S * S], g[S * G], total[S], c[C + 1];
      load_state<Unit>(z, hidden, d, i, s);
      load_constants<Unit>(constants, d, i, c);
      each<N>([&](auto r) { kept[r] = tape[r * d + i]; });
      Unit::linearise(c, self, s, kept, l, g);
      each<S>([&](auto r) { total[r] = through == Through::lambda ? lambda[r * d + i] : T(0); });
      each<H>([&](auto v) { total[at + v] += q[v * d + i]; });
      each<G>([&](auto k) {
        T sum = total[0] * g[k];
        each<S - 1>([&](auto r) { sum += total[r + 1] * g[(r + 1) * G + k]; });
        du[k * d + i] = sum;
      });
      if constexpr (through == Through::lambda) {
        each<S>([&](auto k) {
          T sum = total[0] * l[k];
          each<S - 1>([&](auto r) { sum += total[r + 1] * l[(r + 1) * S + k]; });
          lambda[k * d + i] = sum;
        });
      } else if constexpr (through == Through::q_prev) {
        q_prev[i] += total[0] * l[0];
      }
    }
  }
}

template <int at, class Unit, class T>
void pull_from(const CellArgs<T>& a, T* lambda, const T* q, T* du, T* q_prev) {
  if (lambda) return pull_streams<Through::lambda, at, Unit>(a, lambda, q, du, q_prev);
  if constexpr (Unit::states == 1)
    if (q_prev) return pull_streams<Through::q_prev, at, Unit>(a, lambda, q, du, q_prev);
  pull_streams<Through::nowhere, at, Unit>(a, lambda, q, du, q_prev);
}

template <class Unit, class T>
void pull_loop(const CellArgs<T>& a, T* lambda, const T* q, T* du, T* q_prev) {
  if constexpr (shown_of<Unit>() != 0)
    if (a.on_h) return pull_from<0, Unit>(a, lambda, q, du, q_prev);
  pull_from<shown_of<Unit>(), Unit>(a, lambda, q, du, q_prev);
}

template <int at, class Unit, class T>
void pull_many_from(const CellArgs<T>& a, const T* local, const T* gain, T* lambda_io, const T* q_in, T* du_out) {
  constexpr int S = Unit::states, G = Unit::gates, H = heads_of<Unit>();
  const int d = a.units;
  for (int v = 0; v < a.streams; ++v) {
    const T* __restrict__ q = q_in + std::size_t(v) * H * d;
    T* __restrict__ lambda = lambda_io + std::size_t(v) * a.state_ld;
    T* __restrict__ du = du_out + std::size_t(v) * a.row_ld;
    CHRONOGRAD_INDEPENDENT
    for (int i = 0; i < d; ++i) {
      T total[S];
      each<S>([&](auto r) { total[r] = lambda[r * d + i]; });
      each<H>([&](auto r) { total[at + r] += q[r * d + i]; });
      each<G>([&](auto c) {
        T sum = total[0] * gain[c * d + i];
        each<S - 1>([&](auto r) { sum += total[r + 1] * gain[((r + 1) * G + c) * d + i]; });
        du[c * d + i] = sum;
      });
      each<S>([&](auto c) {
        T sum = total[0] * local[c * d + i];
        each<S - 1>([&](auto r) { sum += total[r + 1] * local[((r + 1) * S + c) * d + i]; });
        lambda[c * d + i] = sum;
      });
    }
  }
}

template <class Unit, class T>
void pull_many_loop(const CellArgs<T>& a, const T* local, const T* gain, T* lambda, const T* q, T* du) {
  if constexpr (shown_of<Unit>() != 0)
    if (a.on_h) return pull_many_from<0, Unit>(a, local, gain, lambda, q, du);
  pull_many_from<shown_of<Unit>(), Unit>(a, local, gain, lambda, q, du);
}

template <class Unit, class T>
void push_loop(const CellArgs<T>& a, const T* local_in, const T* gain_in, const T* v_in, const T* w_in, T* jv_out) {
  constexpr int S = Unit::states, G = Unit::gates;
  const int d = a.units;
  for (int b = 0; b < a.streams; ++b) {
    const T* __restrict__ local = local_in + b * S * S * d;
    const T* __restrict__ gain = gain_in + b * S * G * d;
    const T* __restrict__ v = v_in + b * a.state_ld;
    const T* __restrict__ w = w_in + b * G * d;
    T* __restrict__ jv = jv_out + b * a.state_ld;
    CHRONOGRAD_INDEPENDENT
    for (int i = 0; i < d; ++i)
      each<S>([&](auto r) {
        T sum = 0;
        each<S>([&](auto s) { sum += local[(r * S + s) * d + i] * v[s * d + i]; });
        each<G>([&](auto g) { sum += gain[(r * G + g) * d + i] * w[g * d + i]; });
        jv[r * d + i] = sum;
      });
  }
}

template <class Unit, class T>
constexpr CellKernels<T> unit_kernels() {
  return {step_loop<Unit, T>, linearise_loop<Unit, T>, pull_loop<Unit, T>, pull_many_loop<Unit, T>, push_loop<Unit, T>};
}

}  // namespace
}  // namespace chronograd
