// SPDX-License-Identifier: Apache-2.0
// Dual numbers: a value and its derivatives along `lanes` directions at once.
#pragma once

#include <array>
#include <cmath>

namespace chronograd::checking {

constexpr int lanes = 8;

struct Dual {
  double value = 0;
  std::array<double, lanes> slope{};

  Dual() = default;
  Dual(double constant) : value(constant) {}  // NOLINT: constants mix freely with duals, as in formulas
};

inline double value_of(double x) {
  return x;
}
inline double value_of(const Dual& x) {
  return x.value;
}

/// f(x) given f's value and derivative there.
inline Dual chain(const Dual& x, double f, double df) {
  Dual r(f);
  for (int k = 0; k < lanes; ++k) r.slope[k] = df * x.slope[k];
  return r;
}

/// f(x, y) given f's value and partial derivatives there.
inline Dual chain(const Dual& x, const Dual& y, double f, double dx, double dy) {
  Dual r(f);
  for (int k = 0; k < lanes; ++k) r.slope[k] = dx * x.slope[k] + dy * y.slope[k];
  return r;
}

inline Dual operator+(const Dual& x, const Dual& y) {
  return chain(x, y, x.value + y.value, 1, 1);
}
inline Dual operator-(const Dual& x, const Dual& y) {
  return chain(x, y, x.value - y.value, 1, -1);
}
inline Dual operator*(const Dual& x, const Dual& y) {
  return chain(x, y, x.value * y.value, y.value, x.value);
}
inline Dual operator/(const Dual& x, const Dual& y) {
  const double q = x.value / y.value;
  return chain(x, y, q, 1 / y.value, -q / y.value);
}
inline Dual operator-(const Dual& x) {
  return chain(x, -x.value, -1);
}

inline Dual exp(const Dual& x) {
  const double e = std::exp(x.value);
  return chain(x, e, e);
}
inline Dual log(const Dual& x) {
  return chain(x, std::log(x.value), 1 / x.value);
}
inline Dual log1p(const Dual& x) {
  return chain(x, std::log1p(x.value), 1 / (1 + x.value));
}
inline Dual sqrt(const Dual& x) {
  const double root = std::sqrt(x.value);
  return chain(x, root, 0.5 / root);
}
inline Dual sin(const Dual& x) {
  return chain(x, std::sin(x.value), std::cos(x.value));
}
inline Dual cos(const Dual& x) {
  return chain(x, std::cos(x.value), -std::sin(x.value));
}
inline Dual tanh(const Dual& x) {
  const double t = std::tanh(x.value);
  return chain(x, t, (1 - t) * (1 + t));
}

}  // namespace chronograd::checking
