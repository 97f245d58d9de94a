// SPDX-License-Identifier: Apache-2.0
// A cell is two functions of one unit. This file turns them into the loops that the rest of the library calls; it is
// included by the cells' files, which are compiled once per instruction set.
//
// A unit is a struct with
//   static constexpr int states (S), gates (G), tape (numbers remembered of a step); static constexpr bool uses_alpha;
//   template <class T> static void step(T alpha, const T* u, const T* s, T* next, T* tape);
//   template <class T> static void linearise(T alpha, const T* s, const T* tape, T* local, T* gain);
// u[G], s[S] the state before the step (s[0] = h), next[S], local[r S + s] = dnext_r/ds_s, gain[s G + g] = dnext_s/du_g.
#pragma once

#include "chronograd/cell.hpp"

#define CHRONOGRAD_INLINE [[gnu::always_inline]] inline

namespace chronograd {
namespace {

/// State s of unit i before the step: h is in the regressor, the others in `hidden`.
template <class Unit, class T>
CHRONOGRAD_INLINE void load_state(const T* z, const T* hidden, int units, int i, T* s) {
  s[0] = z[i];
  for (int r = 1; r < Unit::states; ++r) s[r] = hidden[(r - 1) * units + i];
}

template <class Unit, class T>
void step_loop(const CellArgs<T>& a) {
  constexpr int S = Unit::states, G = Unit::gates, N = Unit::tape;
  const int d = a.units;
  for (int b = 0; b < a.streams; ++b) {
    const T* __restrict__ u = a.u + b * G * d;
    const T* __restrict__ z = a.z + b * a.ld;
    const T* __restrict__ hidden = a.hidden + b * (S - 1) * d;
    const T* __restrict__ alpha = a.constants.alpha;
    T* __restrict__ h = a.h + b * d;
    T* __restrict__ hidden_after = a.hidden_after + b * (S - 1) * d;
    T* __restrict__ tape = a.tape + b * N * d;
    for (int i = 0; i < d; ++i) {
      T s[S], next[S], in[G], keep[N];
      load_state<Unit>(z, hidden, d, i, s);
      for (int g = 0; g < G; ++g) in[g] = u[g * d + i];
      Unit::step(Unit::uses_alpha ? alpha[i] : T(1), in, s, next, keep);
      h[i] = next[0];
      for (int r = 1; r < S; ++r) hidden_after[(r - 1) * d + i] = next[r];
      for (int r = 0; r < N; ++r) tape[r * d + i] = keep[r];
    }
  }
}

template <class Unit, class T>
void linearise_loop(const CellArgs<T>& a, T* local_out, T* gain_out) {
  constexpr int S = Unit::states, G = Unit::gates, N = Unit::tape;
  const int d = a.units;
  for (int b = 0; b < a.streams; ++b) {
    const T* __restrict__ z = a.z + b * a.ld;
    const T* __restrict__ hidden = a.hidden + b * (S - 1) * d;
    const T* __restrict__ tape = a.tape + b * N * d;
    const T* __restrict__ alpha = a.constants.alpha;
    T* __restrict__ local = local_out + b * S * S * d;
    T* __restrict__ gain = gain_out + b * S * G * d;
    for (int i = 0; i < d; ++i) {
      T s[S], kept[N], l[S * S], g[S * G];
      load_state<Unit>(z, hidden, d, i, s);
      for (int r = 0; r < N; ++r) kept[r] = tape[r * d + i];
      Unit::linearise(Unit::uses_alpha ? alpha[i] : T(1), s, kept, l, g);
      for (int r = 0; r < S * S; ++r) local[r * d + i] = l[r];
      for (int r = 0; r < S * G; ++r) gain[r * d + i] = g[r];
    }
  }
}

template <class Unit, class T>
void pull_loop(const CellArgs<T>& a, T* lambda_io, const T* q_in, T* e_out) {
  constexpr int S = Unit::states, G = Unit::gates, N = Unit::tape;
  const int d = a.units;
  for (int b = 0; b < a.streams; ++b) {
    const T* __restrict__ z = a.z + b * a.ld;
    const T* __restrict__ hidden = a.hidden + b * (S - 1) * d;
    const T* __restrict__ tape = a.tape + b * N * d;
    const T* __restrict__ alpha = a.constants.alpha;
    const T* __restrict__ q = q_in + b * d;
    T* __restrict__ lambda = lambda_io + b * S * d;
    T* __restrict__ e = e_out + b * G * d;
    for (int i = 0; i < d; ++i) {
      T s[S], kept[N], l[S * S], g[S * G], total[S];
      load_state<Unit>(z, hidden, d, i, s);
      for (int r = 0; r < N; ++r) kept[r] = tape[r * d + i];
      Unit::linearise(Unit::uses_alpha ? alpha[i] : T(1), s, kept, l, g);
      for (int r = 0; r < S; ++r) total[r] = lambda[r * d + i];
      total[0] += q[i];
      for (int c = 0; c < G; ++c) {
        T sum = total[0] * g[c];
        for (int r = 1; r < S; ++r) sum += total[r] * g[r * G + c];
        e[c * d + i] = sum;
      }
      for (int c = 0; c < S; ++c) {
        T sum = total[0] * l[c];
        for (int r = 1; r < S; ++r) sum += total[r] * l[r * S + c];
        lambda[c * d + i] = sum;
      }
    }
  }
}

template <class Unit, class T>
void pull_many_loop(int count, int d, const T* local, const T* gain, T* lambda_io, const T* q_in, T* e_out) {
  constexpr int S = Unit::states, G = Unit::gates;
  for (int v = 0; v < count; ++v) {
    const T* __restrict__ q = q_in + std::size_t(v) * d;
    T* __restrict__ lambda = lambda_io + std::size_t(v) * S * d;
    T* __restrict__ e = e_out + std::size_t(v) * G * d;
    for (int i = 0; i < d; ++i) {
      T total[S];
      for (int r = 0; r < S; ++r) total[r] = lambda[r * d + i];
      total[0] += q[i];
      for (int c = 0; c < G; ++c) {
        T sum = total[0] * gain[c * d + i];
        for (int r = 1; r < S; ++r) sum += total[r] * gain[(r * G + c) * d + i];
        e[c * d + i] = sum;
      }
      for (int c = 0; c < S; ++c) {
        T sum = total[0] * local[c * d + i];
        for (int r = 1; r < S; ++r) sum += total[r] * local[(r * S + c) * d + i];
        lambda[c * d + i] = sum;
      }
    }
  }
}

template <class Unit, class T>
void push_loop(int streams, int d, const T* local_in, const T* gain_in, const T* v_in, const T* w_in, T* jv_out) {
  constexpr int S = Unit::states, G = Unit::gates;
  for (int b = 0; b < streams; ++b) {
    const T* __restrict__ local = local_in + b * S * S * d;
    const T* __restrict__ gain = gain_in + b * S * G * d;
    const T* __restrict__ v = v_in + b * S * d;
    const T* __restrict__ w = w_in + b * G * d;
    T* __restrict__ jv = jv_out + b * S * d;
    for (int i = 0; i < d; ++i)
      for (int r = 0; r < S; ++r) {
        T sum = 0;
        for (int s = 0; s < S; ++s) sum += local[(r * S + s) * d + i] * v[s * d + i];
        for (int g = 0; g < G; ++g) sum += gain[(r * G + g) * d + i] * w[g * d + i];
        jv[r * d + i] = sum;
      }
  }
}

template <class Unit, class T>
constexpr CellKernels<T> unit_kernels() {
  return {step_loop<Unit, T>, linearise_loop<Unit, T>, pull_loop<Unit, T>, pull_many_loop<Unit, T>, push_loop<Unit, T>};
}

/// The same with a step of its own, for units whose step depends on a setting but whose linearisation does not.
template <class Unit, class T>
constexpr CellKernels<T> unit_kernels(void (*step)(const CellArgs<T>&)) {
  CellKernels<T> kernels = unit_kernels<Unit, T>();
  kernels.step = step;
  return kernels;
}

}  // namespace
}  // namespace chronograd
