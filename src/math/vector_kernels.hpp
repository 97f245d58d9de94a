// SPDX-License-Identifier: Apache-2.0
// Loops over vectors of n numbers: sums, products and the optimisers' steps (contracts: math/kernels.hpp).
#pragma once

#include "math/vector.hpp"

namespace chronograd::CHRONOGRAD_ISA {
namespace {

#define CHRONOGRAD_EACH [&](auto, auto span, int i) __attribute__((always_inline))

template <class T>
void scale(int n, T factor, T* x) {
  over_columns<1, T>(
      n, CHRONOGRAD_EACH { span.write(x + i, factor * span.read(x + i)); });
}

template <class T>
void add(int n, const T* x, T* y) {
  over_columns<1, T>(
      n, CHRONOGRAD_EACH { span.write(y + i, span.read(y + i) + span.read(x + i)); });
}

template <class From, class To>
void copy_as(int n, const From* x, To* y) {
  over_columns<1, float>(
      n, CHRONOGRAD_EACH { span.write(y + i, span.read(x + i)); });
}

template <class T>
void axpy(int n, T factor, const T* x, T* y) {
  over_columns<1, T>(
      n, CHRONOGRAD_EACH { span.write(y + i, span.read(y + i) + factor * span.read(x + i)); });
}

template <class T>
void axpy_pair(int n, const T* x, T a, T* y, T b, T* w) {
  over_columns<1, T>(
      n, CHRONOGRAD_EACH {
        const Vector<T> v = span.read(x + i);
        span.write(y + i, span.read(y + i) + a * v);
        span.write(w + i, span.read(w + i) + b * v);
      });
}

template <class T>
void multiply(int n, const T* x, T* y) {
  over_columns<1, T>(
      n, CHRONOGRAD_EACH { span.write(y + i, span.read(y + i) * span.read(x + i)); });
}

template <class T>
void multiply_add(int n, const T* a, const T* x, T* y) {
  over_columns<1, T>(
      n, CHRONOGRAD_EACH { span.write(y + i, span.read(y + i) + span.read(a + i) * span.read(x + i)); });
}

template <class T>
T dot(int n, const T* x, const T* y) {
  Vector<T> sum[4] = {};
  over_columns<4, T>(
      n, [&](auto count, auto span, int i) __attribute__((always_inline)) {
        for (int k = 0; k < count.value; ++k)
          sum[k] += span.read(x + i + k * lanes<T>) * span.read(y + i + k * lanes<T>);
      });
  return sum_of<T>((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

template <class T>
T squared_norm(int n, const T* x) {
  return dot(n, x, x);
}

template <class T>
void gather(int n, const int* index, const T* from, T* to) {
  int i = 0;
  for (; n - i >= lanes<T>; i += lanes<T>) store(to + i, gathered(from, index + i));
  for (; i < n; ++i) to[i] = from[index[i]];
}

template <class T>
void gather_add(int n, const int* index, const T* from, T* to) {
  int i = 0;
  for (; n - i >= lanes<T>; i += lanes<T>) store(to + i, load(to + i) + gathered(from, index + i));
  for (; i < n; ++i) to[i] += from[index[i]];
}

template <class T>
void keep(int n, const std::uint64_t* bits, T* x) {
  over_columns<1, T>(
      n, CHRONOGRAD_EACH { span.write(x + i, chosen(span.read(x + i), bits[i / 64] >> (i % 64))); });
}

// --- optimisers

template <class T>
void sgd(int n, T lr, T* theta, T* grad) {
  over_columns<1, T>(
      n, CHRONOGRAD_EACH {
        span.write(theta + i, span.read(theta + i) - lr * span.read(grad + i));
        span.write(grad + i, Vector<T>{});
      });
}

template <class T>
void momentum(int n, T lr, T mu, T* velocity, T* theta, T* grad) {
  over_columns<1, T>(
      n, CHRONOGRAD_EACH {
        const Vector<T> v = mu * span.read(velocity + i) + span.read(grad + i);
        span.write(velocity + i, v);
        span.write(theta + i, span.read(theta + i) - lr * v);
        span.write(grad + i, Vector<T>{});
      });
}

template <class T>
void rmsprop(int n, T lr, T rho, T epsilon, T* s, T* theta, T* grad) {
  const T fresh = T(1) - rho;
  over_columns<1, T>(
      n, CHRONOGRAD_EACH {
        const Vector<T> gradient = span.read(grad + i);
        const Vector<T> mean = rho * span.read(s + i) + fresh * (gradient * gradient);
        span.write(s + i, mean);
        span.write(theta + i, span.read(theta + i) - lr * gradient / (square_root(mean) + epsilon));
        span.write(grad + i, Vector<T>{});
      });
}

template <class T>
void adam(int n, T step, T b1, T b2, T root, T epsilon, T decay, T* m, T* v, T* theta, T* grad) {
  const T fresh1 = T(1) - b1, fresh2 = T(1) - b2, kept = T(1) - decay;
  over_columns<1, T>(
      n, CHRONOGRAD_EACH {
        const Vector<T> gradient = span.read(grad + i);
        const Vector<T> first = b1 * span.read(m + i) + fresh1 * gradient;
        const Vector<T> second = b2 * span.read(v + i) + fresh2 * (gradient * gradient);
        span.write(m + i, first);
        span.write(v + i, second);
        span.write(theta + i, kept * span.read(theta + i) - step * first / (square_root(second) * root + epsilon));
        span.write(grad + i, Vector<T>{});
      });
}

#undef CHRONOGRAD_EACH

}  // namespace
}  // namespace chronograd::CHRONOGRAD_ISA
