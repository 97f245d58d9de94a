// SPDX-License-Identifier: Apache-2.0
// How strongly a linear recurrent unit holds on: |lambda| = exp(-a), a = exp(nu_log), and the factor of its input,
// gamma = sqrt(1 - |lambda|^2), which makes the state as large as white input whatever |lambda| is.
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

}  // namespace
}  // namespace chronograd
