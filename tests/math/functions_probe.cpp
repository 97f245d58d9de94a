// SPDX-License-Identifier: Apache-2.0
// The functions of math/functions.hpp in loops as the library has them, compiled once per instruction set.
#include "functions_probe.hpp"

#include "math/functions.hpp"

namespace chronograd::CHRONOGRAD_ISA {
namespace {

template <class T>
void exp_loop(int n, const T* __restrict__ x, T* __restrict__ y) {
  for (int i = 0; i < n; ++i) y[i] = exp_of(x[i]);
}
template <class T>
void tanh_loop(int n, const T* __restrict__ x, T* __restrict__ y) {
  for (int i = 0; i < n; ++i) y[i] = tanh_of(x[i]);
}
template <class T>
void sigmoid_loop(int n, const T* __restrict__ x, T* __restrict__ y) {
  for (int i = 0; i < n; ++i) y[i] = sigmoid_of(x[i]);
}
template <class T>
void softplus_loop(int n, const T* __restrict__ x, T* __restrict__ y) {
  for (int i = 0; i < n; ++i) y[i] = softplus_of(x[i]);
}

template <class T>
void sine_loop(int n, const T* __restrict__ x, T* __restrict__ y) {
  for (int i = 0; i < n; ++i) {
    T other;
    sin_cos_of(x[i], y[i], other);
  }
}
template <class T>
void cosine_loop(int n, const T* __restrict__ x, T* __restrict__ y) {
  for (int i = 0; i < n; ++i) {
    T other;
    sin_cos_of(x[i], other, y[i]);
  }
}

}  // namespace

extern const FunctionLoops<float> loops_float;
extern const FunctionLoops<double> loops_double;
constinit const FunctionLoops<float> loops_float = {exp_loop<float>,      tanh_loop<float>, sigmoid_loop<float>,
                                                    softplus_loop<float>, sine_loop<float>, cosine_loop<float>};
constinit const FunctionLoops<double> loops_double = {exp_loop<double>,      tanh_loop<double>, sigmoid_loop<double>,
                                                      softplus_loop<double>, sine_loop<double>, cosine_loop<double>};

}  // namespace chronograd::CHRONOGRAD_ISA
