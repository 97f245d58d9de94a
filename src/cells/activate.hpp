// SPDX-License-Identifier: Apache-2.0
// Activations of cells: f and its slope, and the choice of the one that a setting names.
#pragma once

#include "chronograd/loss.hpp"
#include "chronograd/unit_loops.hpp"
#include "math/functions.hpp"

namespace chronograd {
namespace CHRONOGRAD_ISA {
/// y[i] <- f(y[i]), slope[i] = f'(y[i]) for n numbers, f any activation of a cell.
void activate_numbers(Activation f, int n, float* y, float* slope);
void activate_numbers(Activation f, int n, double* y, double* slope);
}  // namespace CHRONOGRAD_ISA

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
template <template <Activation> class Unit, class T>
void step_with_activation(const CellArgs<T>& args) {
  switch (static_cast<Activation>(args.variant)) {
    case Activation::identity:
      return step_loop<Unit<Activation::identity>>(args);
    case Activation::sigmoid:
      return step_loop<Unit<Activation::sigmoid>>(args);
    case Activation::relu:
      return step_loop<Unit<Activation::relu>>(args);
    case Activation::softplus:
      return step_loop<Unit<Activation::softplus>>(args);
    default:
      return step_loop<Unit<Activation::tanh>>(args);
  }
}

/// Kernels of a unit with an activation.
template <template <Activation> class Unit, class T>
constexpr CellKernels<T> activated_kernels() {
  CellKernels<T> kernels = unit_kernels<Unit<Activation::tanh>, T>();
  kernels.step = step_with_activation<Unit, T>;
  return kernels;
}

/// For cells whose activation comes last: the step of the unit with the identity, then h <- f(h), its slopes from row
/// `slopes` of the tape on. One loop of the unit serves all activations.
template <class Unit, class T>
void step_then_activate(const CellArgs<T>& args, Activation f, int slopes) {
  step_loop<Unit>(args);
  if (f == Activation::identity) return;
  for (int b = 0; b < args.streams; ++b)
    CHRONOGRAD_ISA::activate_numbers(f, heads_of<Unit>() * args.units, args.h + b * args.h_ld,
                                     args.tape + (b * Unit::tape_size + slopes) * args.units);
}

}  // namespace
}  // namespace chronograd
