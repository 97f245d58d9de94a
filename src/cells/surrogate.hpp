// SPDX-License-Identifier: Apache-2.0
// Surrogate slopes of a spike: what stands for dh/dv at the distance x = (v - threshold)/width, in units of the height.
#pragma once

#include "cells/spiking.hpp"
#include "chronograd/unit_loops.hpp"
#include "math/functions.hpp"

namespace chronograd {
namespace {

/// Density of the normal distribution with mean 0 and standard deviation s.
template <class T>
CHRONOGRAD_INLINE T normal_density(T x, T s) {
  constexpr T root = T(0.39894228040143267794);  // 1/sqrt(2 pi)
  const T scaled = x / s;
  return root / s * exp_of(T(-0.5) * scaled * scaled);
}

/// psi/height at x. The sum of normal densities is that of its authors: a middle one of standard deviation 1/2, less
/// two of 3 at +-1/2, of weight 0.15; it is negative far from the threshold.
template <Surrogate shape, class T>
CHRONOGRAD_INLINE T slope_of_spike(T x) {
  const T away = x < T(0) ? -x : x;
  if constexpr (shape == Surrogate::triangular) {
    const T left = T(1) - away;
    return left > T(0) ? left : T(0);
  } else if constexpr (shape == Surrogate::exponential) {
    return exp_of(-away);
  } else if constexpr (shape == Surrogate::fast_sigmoid) {
    const T root = T(1) + away;
    return T(1) / (root * root);
  } else if constexpr (shape == Surrogate::arctan) {
    return T(1) / (T(1) + x * x);
  } else {
    constexpr T weight = T(0.15), middle = T(0.5), wide = T(3);
    return (T(1) + weight) * normal_density(x, middle) - weight * normal_density(x - middle, wide) -
           weight * normal_density(x + middle, wide);
  }
}

}  // namespace
}  // namespace chronograd
