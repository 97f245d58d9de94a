// SPDX-License-Identifier: Apache-2.0
// A cell is two functions of one unit; this file turns them into the loops that the rest of the library calls. It is
// included by files that define cells: the library's own are compiled once per instruction set. A unit is a struct with
//   static constexpr int states (S), gates (G), tape_size (numbers remembered of a step, at least 1);
//   static constexpr bool uses_alpha (else alpha is 1);
//   template <class T> static void step(T alpha, const T* u, const T* s, T* next, T* tape);
//   template <class T> static void linearise(T alpha, const T* s, const T* tape, T* local, T* gain);
// where u[G] are its pre-activations, s[S] is the state before the step (s[0] = h) and next[S] the one after it,
//   local[r S + s] = dnext_r/ds_s,  gain[s G + g] = dnext_s/du_g.
// `unit_kernels<Unit, T>()` is what the cell's record wants. Everything here is in an unnamed namespace.
#pragma once

#include <cstddef>
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

/// State s of unit i before the step: h is in the regressor, the others in `hidden`.
template <class Unit, class T>
CHRONOGRAD_INLINE void load_state(const T* z, const T* hidden, int units, int i, T* s) {
  s[0] = z[i];
  each<Unit::states - 1>([&](auto r) { s[r + 1] = hidden[r * units + i]; });
}

template <class Unit, class T>
void step_loop(const CellArgs<T>& a) {
  constexpr int S = Unit::states, G = Unit::gates, N = Unit::tape_size;
  const int d = a.units;
  for (int b = 0; b < a.streams; ++b) {
    const T* __restrict__ u = a.u + b * G * d;
    const T* __restrict__ z = a.z + b * a.ld;
    const T* __restrict__ hidden = a.hidden + b * (S - 1) * d;
    const T* __restrict__ alpha = a.constants.alpha;
    T* __restrict__ h = a.h + b * a.h_ld;
    T* __restrict__ hidden_after = a.hidden_after + b * (S - 1) * d;
    T* __restrict__ tape = a.tape + b * N * d;
    CHRONOGRAD_INDEPENDENT
    for (int i = 0; i < d; ++i) {
      T s[S], next[S], in[G], keep[N];
      load_state<Unit>(z, hidden, d, i, s);
      each<G>([&](auto g) { in[g] = u[g * d + i]; });
      Unit::step(Unit::uses_alpha ? alpha[i] : T(1), in, s, next, keep);
      h[i] = next[0];
      each<S - 1>([&](auto r) { hidden_after[r * d + i] = next[r + 1]; });
      each<N>([&](auto r) { tape[r * d + i] = keep[r]; });
    }
  }
}

template <class Unit, class T>
void linearise_loop(const CellArgs<T>& a, T* local_out, T* gain_out) {
  constexpr int S = Unit::states, G = Unit::gates, N = Unit::tape_size;
  const int d = a.units;
  for (int b = 0; b < a.streams; ++b) {
    const T* __restrict__ z = a.z + b * a.ld;
    const T* __restrict__ hidden = a.hidden + b * (S - 1) * d;
    const T* __restrict__ tape = a.tape + b * N * d;
    const T* __restrict__ alpha = a.constants.alpha;
    T* __restrict__ local = local_out + b * S * S * d;
    T* __restrict__ gain = gain_out + b * S * G * d;
    CHRONOGRAD_INDEPENDENT
    for (int i = 0; i < d; ++i) {
      T s[S], kept[N], l[S * S], g[S * G];
      load_state<Unit>(z, hidden, d, i, s);
      each<N>([&](auto r) { kept[r] = tape[r * d + i]; });
      Unit::linearise(Unit::uses_alpha ? alpha[i] : T(1), s, kept, l, g);
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

template <Through through, class Unit, class T>
CHRONOGRAD_INLINE void pull_streams(const CellArgs<T>& a, T* lambda_io, const T* q_in, T* du_out, T* q_prev_io) {
  constexpr int S = Unit::states, G = Unit::gates, N = Unit::tape_size;
  const int d = a.units;
  for (int b = 0; b < a.streams; ++b) {
    const T* __restrict__ z = a.z + b * a.ld;
    const T* __restrict__ hidden = a.hidden + b * (S - 1) * d;
    const T* __restrict__ tape = a.tape + b * N * d;
    const T* __restrict__ alpha = a.constants.alpha;
    const T* __restrict__ q = q_in + b * d;
    T* __restrict__ lambda = through == Through::lambda ? lambda_io + b * a.state_ld : nullptr;
    T* __restrict__ q_prev = through == Through::q_prev ? q_prev_io + b * d : nullptr;
    T* __restrict__ du = du_out + b * a.row_ld;
    CHRONOGRAD_INDEPENDENT
    for (int i = 0; i < d; ++i) {
      T s[S], kept[N], l[S * S], g[S * G], total[S];
      load_state<Unit>(z, hidden, d, i, s);
      each<N>([&](auto r) { kept[r] = tape[r * d + i]; });
      Unit::linearise(Unit::uses_alpha ? alpha[i] : T(1), s, kept, l, g);
      each<S>([&](auto r) { total[r] = through == Through::lambda ? lambda[r * d + i] : T(0); });
      total[0] += q[i];
      each<G>([&](auto c) {
        T sum = total[0] * g[c];
        each<S - 1>([&](auto r) { sum += total[r + 1] * g[(r + 1) * G + c]; });
        du[c * d + i] = sum;
      });
      if constexpr (through == Through::lambda) {
        each<S>([&](auto c) {
          T sum = total[0] * l[c];
          each<S - 1>([&](auto r) { sum += total[r + 1] * l[(r + 1) * S + c]; });
          lambda[c * d + i] = sum;
        });
      } else if constexpr (through == Through::q_prev) {
        q_prev[i] += total[0] * l[0];
      }
    }
  }
}

template <class Unit, class T>
void pull_loop(const CellArgs<T>& a, T* lambda, const T* q, T* du, T* q_prev) {
  if (lambda) return pull_streams<Through::lambda, Unit>(a, lambda, q, du, q_prev);
  if constexpr (Unit::states == 1)
    if (q_prev) return pull_streams<Through::q_prev, Unit>(a, lambda, q, du, q_prev);
  pull_streams<Through::nowhere, Unit>(a, lambda, q, du, q_prev);
}

template <class Unit, class T>
void pull_many_loop(const CellArgs<T>& a, const T* local, const T* gain, T* lambda_io, const T* q_in, T* du_out) {
  constexpr int S = Unit::states, G = Unit::gates;
  const int d = a.units;
  for (int v = 0; v < a.streams; ++v) {
    const T* __restrict__ q = q_in + std::size_t(v) * d;
    T* __restrict__ lambda = lambda_io + std::size_t(v) * a.state_ld;
    T* __restrict__ du = du_out + std::size_t(v) * a.row_ld;
    CHRONOGRAD_INDEPENDENT
    for (int i = 0; i < d; ++i) {
      T total[S];
      each<S>([&](auto r) { total[r] = lambda[r * d + i]; });
      total[0] += q[i];
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
