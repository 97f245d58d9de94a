// SPDX-License-Identifier: Apache-2.0
// Activations, outputs and losses over any scalar (double, Dual, Var): written once, differentiated by the scalar.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "checking/dual.hpp"
#include "checking/layout.hpp"
#include "checking/tape.hpp"

namespace chronograd::checking {

using std::cos;
using std::exp;
using std::log;
using std::log1p;
using std::sin;
using std::sqrt;
using std::tanh;

/// Both branches are the same function; the exponent is never positive, so nothing overflows.
template <class S>
S sigmoid(const S& x) {
  return value_of(x) >= 0 ? 1.0 / (1.0 + exp(-x)) : exp(x) / (1.0 + exp(x));
}

template <class S>
S softplus(const S& x) {
  return value_of(x) >= 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/// f(x) for an elementwise function; relu's derivative at 0 is 0.
template <class S>
S apply(Function function, const S& x) {
  switch (function) {
    case Function::tanh:
      return tanh(x);
    case Function::sigmoid:
      return sigmoid(x);
    case Function::relu:
      return value_of(x) > 0 ? x : S(0.0);
    case Function::softplus:
      return softplus(x);
    default:
      return x;
  }
}

/// Slope psi of a spike, in units of its height, at x widths from the threshold.
inline double slope_of_spike(const std::string& shape, double x) {
  const auto normal = [](double y, double s) {
    return std::exp(-y * y / (2 * s * s)) / (s * std::sqrt(2 * std::acos(-1.0)));
  };
  if (shape == "exponential") return std::exp(-std::fabs(x));
  if (shape == "fast_sigmoid") return std::pow(1 + std::fabs(x), -2);
  if (shape == "arctan") return 1 / (1 + x * x);
  if (shape == "multi_gaussian") return 1.15 * normal(x, 0.5) - 0.15 * (normal(x - 0.5, 3) + normal(x + 0.5, 3));
  return std::max(0.0, 1 - std::fabs(x));
}

/// `value`, which changes with x by `slope`.
template <class S>
S with_slope(const S& x, double value, double slope) {
  return chain(x, value, slope);
}
template <>
inline double with_slope(const double&, double value, double) {
  return value;
}

template <class S>
double largest(const std::vector<S>& a) {
  double top = value_of(a[0]);
  for (const S& v : a) top = std::max(top, value_of(v));
  return top;
}

/// y = g(a).
template <class S>
std::vector<S> output_of(Function function, const std::vector<S>& a) {
  std::vector<S> y(a.size());
  if (function == Function::softmax) {
    const double top = largest(a);
    S sum = 0.0;
    for (const S& v : a) sum = sum + exp(v - top);
    for (std::size_t k = 0; k < a.size(); ++k) y[k] = exp(a[k] - top) / sum;
  } else {
    for (std::size_t k = 0; k < a.size(); ++k) y[k] = apply(function, a[k]);
  }
  return y;
}

/// L_t from the pre-outputs, the outputs and the targets (m numbers each).
template <class S>
S loss_of(const Layout& layout, const std::vector<S>& a, const std::vector<S>& y, const double* target) {
  S loss = 0.0;
  const int m = layout.m;
  if (layout.loss == LossKind::mse) {
    for (int k = 0; k < m; ++k) loss = loss + 0.5 * ((y[k] - target[k]) * (y[k] - target[k]));
  } else if (layout.loss == LossKind::cross_entropy && layout.output == Function::softmax) {
    const double top = largest(a);
    S sum = 0.0;
    for (const S& v : a) sum = sum + exp(v - top);
    const S log_sum = top + log(sum);
    for (int k = 0; k < m; ++k) loss = loss + target[k] * (log_sum - a[k]);
  } else if (layout.loss == LossKind::cross_entropy) {
    for (int k = 0; k < m; ++k)
      if (target[k] != 0) loss = loss - target[k] * log(y[k]);
  } else if (layout.output == Function::sigmoid) {
    for (int k = 0; k < m; ++k) loss = loss + softplus(a[k]) - target[k] * a[k];
  } else {
    for (int k = 0; k < m; ++k) {
      if (target[k] != 0) loss = loss - target[k] * log(y[k]);
      if (target[k] != 1) loss = loss - (1 - target[k]) * log(1.0 - y[k]);
    }
  }
  return loss;
}

}  // namespace chronograd::checking
