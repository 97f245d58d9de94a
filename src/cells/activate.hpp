// SPDX-License-Identifier: Apache-2.0
// Activations of cells: f and its slope, and the choice of the one that a setting names.
#pragma once

#include "chronograd/loss.hpp"
#include "chronograd/readout_units.hpp"
#include "math/functions.hpp"

namespace chronograd {
namespace {

/// f(u) and f'(u).
template <Activation f, class T>
CHRONOGRAD_INLINE void activate(T u, T& y, T& slope) {
  if constexpr (f == Activation::identity) {
    y = u;
    slope = T(1);
  } else if constexpr (f == Activation::tanh) {
    y = tanh_of(u);
    slope = T(1) - y * y;
  } else if constexpr (f == Activation::sigmoid) {
    y = sigmoid_of(u);
    slope = y * (T(1) - y);
  } else if constexpr (f == Activation::relu) {
    y = u > T(0) ? u : (u <= T(0) ? T(0) : u);  // NaN stays NaN
    slope = u > T(0) ? T(1) : T(0);
  } else {
    y = softplus_of(u);
    slope = sigmoid_of(u);
  }
}

/// The step of the unit whose activation is the variant; its linearisation is the same for all.
template <template <Activation> class Unit, template <class> class Wrap, class T>
void step_with_activation(const CellArgs<T>& args) {
  switch (static_cast<Activation>(args.variant)) {
    case Activation::identity:
      return step_loop<Wrap<Unit<Activation::identity>>>(args);
    case Activation::sigmoid:
      return step_loop<Wrap<Unit<Activation::sigmoid>>>(args);
    case Activation::relu:
      return step_loop<Wrap<Unit<Activation::relu>>>(args);
    case Activation::softplus:
      return step_loop<Wrap<Unit<Activation::softplus>>>(args);
    default:
      return step_loop<Wrap<Unit<Activation::tanh>>>(args);
  }
}

/// Kernels of a unit with an activation, in a wrapper of chronograd/readout_units.hpp.
template <template <Activation> class Unit, template <class> class Wrap, class T>
constexpr CellKernels<T> activated_kernels() {
  CellKernels<T> kernels = unit_kernels<Wrap<Unit<Activation::tanh>>, T>();
  kernels.step = step_with_activation<Unit, Wrap, T>;
  return kernels;
}

}  // namespace
}  // namespace chronograd
