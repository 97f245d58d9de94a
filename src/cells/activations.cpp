// SPDX-License-Identifier: Apache-2.0
// Compiled once per instruction set: activations of whole rows.
#include "cells/activate.hpp"

namespace chronograd::CHRONOGRAD_ISA {
namespace {

template <Activation f, class T>
[[gnu::noinline]] void activation_loop(int n, T* __restrict__ y, T* __restrict__ slope) {
  CHRONOGRAD_INDEPENDENT
  for (int i = 0; i < n; ++i) {
    const T u = y[i];
    activate<f>(u, y[i], slope[i]);
  }
}

template <class T>
void choose(Activation f, int n, T* y, T* slope) {
  switch (f) {
    case Activation::identity:
      return activation_loop<Activation::identity>(n, y, slope);
    case Activation::sigmoid:
      return activation_loop<Activation::sigmoid>(n, y, slope);
    case Activation::relu:
      return activation_loop<Activation::relu>(n, y, slope);
    case Activation::softplus:
      return activation_loop<Activation::softplus>(n, y, slope);
    default:
      return activation_loop<Activation::tanh>(n, y, slope);
  }
}

}  // namespace

void activate_numbers(Activation f, int n, float* y, float* slope) {
  choose(f, n, y, slope);
}
void activate_numbers(Activation f, int n, double* y, double* slope) {
  choose(f, n, y, slope);
}

}  // namespace chronograd::CHRONOGRAD_ISA
