// SPDX-License-Identifier: Apache-2.0
// How strongly a linear recurrent unit holds on: |lambda| = exp(-a), a = exp(nu_log), and the factor of its input,
// gamma = sqrt(1 - |lambda|^2), which makes the state as large as white input whatever |lambda| is; and how a complex
// lambda = exp(-a + i exp(theta_log)) turns the state, s = lambda s_prev + gamma u.
#pragma once

#include "chronograd/unit_loops.hpp"
#include "math/functions.hpp"

namespace chronograd {
namespace {

template <class T>
struct LruDecay {
  T a, magnitude, gamma;

  CHRONOGRAD_INLINE explicit LruDecay(T nu_log) : a(exp_of(nu_log)), magnitude(exp_of(-a)) {
    // 1 - exp(-2 a) = 2 t / (1 + t), t = tanh(a): without cancellation where |lambda| is near 1.
    const T t = tanh_of(a);
    gamma = square_root_of(T(2) * t / (T(1) + t));
  }
};

/// dgamma/dnu_log = a |lambda|^2 / gamma, which goes to 0 with a.
template <class T>
CHRONOGRAD_INLINE T gamma_slope(T a, T squared_magnitude, T gamma) {
  constexpr T tiny = T(1e-30);
  return a * squared_magnitude / (gamma > tiny ? gamma : gamma + tiny);
}

/// A step of a complex state, kept in `size` numbers of a unit's tape.
template <class T>
struct LruTurn {
  static constexpr int size = 7;
  T re, im, a, phase, gamma, u_re, u_im;

  /// Pre-activations: real and imaginary part of u, nu_log, theta_log.
  CHRONOGRAD_INLINE static LruTurn of(const T* u) {
    const LruDecay<T> decay(u[2]);
    const T phase = exp_of(u[3]);
    T sine, cosine;
    sin_cos_of(phase, sine, cosine);
    return {decay.magnitude * cosine, decay.magnitude * sine, decay.a, phase, decay.gamma, u[0], u[1]};
  }
  CHRONOGRAD_INLINE static LruTurn kept(const T* tape) {
    return {tape[0], tape[1], tape[2], tape[3], tape[4], tape[5], tape[6]};
  }
  CHRONOGRAD_INLINE void keep(T* tape) const {
    const T numbers[size] = {re, im, a, phase, gamma, u_re, u_im};
    each<size>([&](auto r) { tape[r] = numbers[r]; });
  }

  CHRONOGRAD_INLINE T real(T s_re, T s_im) const { return re * s_re - im * s_im + gamma * u_re; }
  CHRONOGRAD_INLINE T imaginary(T s_re, T s_im) const { return re * s_im + im * s_re + gamma * u_im; }
  /// by_u[v][g]: slope of part v (real, imaginary) by pre-activation g, from the state before the step. gamma depends
  /// on nu_log, too: dlambda/dnu_log = -a lambda, dlambda/dtheta_log = i phase lambda.
  CHRONOGRAD_INLINE void slopes(T s_re, T s_im, T (*by_u)[4]) const {
    const T turned_re = re * s_re - im * s_im, turned_im = re * s_im + im * s_re;  // lambda s_prev
    const T grown = gamma_slope(a, re * re + im * im, gamma);
    by_u[0][0] = by_u[1][1] = gamma;
    by_u[0][1] = by_u[1][0] = T(0);
    by_u[0][2] = grown * u_re - a * turned_re;
    by_u[1][2] = grown * u_im - a * turned_im;
    by_u[0][3] = -phase * turned_im;
    by_u[1][3] = phase * turned_re;
  }
};

}  // namespace
}  // namespace chronograd
