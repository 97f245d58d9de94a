// SPDX-License-Identifier: Apache-2.0
#include "losses/output.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "chronograd/error.hpp"
#include "math/functions.hpp"

namespace chronograd {

namespace entries {
extern const LossRecord loss_mse, loss_cross_entropy, loss_bce;
}

namespace {

// The three natural pairs, in T: they are what every step of an online run goes through.

template <class T>
double half_square_row(int m, const T* __restrict a, const T* __restrict target, T* __restrict y, T* __restrict err) {
  double loss = 0;
  for (int k = 0; k < m; ++k) {
    y[k] = a[k];
    err[k] = a[k] - target[k];
    loss += static_cast<double>(err[k]) * static_cast<double>(err[k]);
  }
  return 0.5 * loss;
}

template <class T>
double softmax_row(int m, const T* __restrict a, const T* __restrict target, T* __restrict y, T* __restrict err) {
  int at = 0;
  for (int k = 1; k < m; ++k)
    if (a[k] > a[at]) at = k;
  const T top = a[at];
  for (int k = 0; k < m; ++k) y[k] = exp_of(a[k] - top);
  // Without the largest term, which is e^0 = 1: log(1 + rest) keeps a small loss exact.
  T rest = 0;
  for (int k = 0; k < m; ++k)
    if (k != at) rest += y[k];
  const T log_sum = std::log1p(rest), one_over = y[at] / (T(1) + rest);  // y[at] is 1, or NaN if top is no number
  double loss = 0;
  T mass = 0;
  for (int k = 0; k < m; ++k) {
    mass += target[k];
    if (target[k] != T(0)) loss += static_cast<double>(target[k] * ((top - a[k]) + log_sum));
  }
  for (int k = 0; k < m; ++k) {
    y[k] *= one_over;
    err[k] = mass * y[k] - target[k];
  }
  return loss;
}

template <class T>
double sigmoid_row(int m, const T* __restrict a, const T* __restrict target, T* __restrict y, T* __restrict err) {
  for (int k = 0; k < m; ++k) {
    const T s = softplus_of(-magnitude(a[k]));
    const T above = target[k] == T(1) ? T(0) : (T(1) - target[k]) * ((a[k] > T(0) ? a[k] : T(0)) + s);
    const T below = target[k] == T(0) ? T(0) : target[k] * ((a[k] < T(0) ? -a[k] : T(0)) + s);
    err[k] = above + below;
    y[k] = sigmoid_of(a[k]);
  }
  double loss = 0;  // in a loop of its own: an ordered sum would keep the one above from being vectorised
  for (int k = 0; k < m; ++k) {
    loss += static_cast<double>(err[k]);
    err[k] = y[k] - target[k];
  }
  return loss;
}

/// y = g(a) and, but for softmax, dg = g'(a).
void activate(Activation g, int m, const double* a, double* y, double* dg) {
  const auto each = [&](auto f) {
    for (int k = 0; k < m; ++k) f(a[k], y[k], dg[k]);
  };
  switch (g) {
    case Activation::identity:
      return each([](double u, double& v, double& dv) { v = u, dv = 1; });
    case Activation::tanh:
      return each([](double u, double& v, double& dv) { v = tanh_of(u), dv = (1 - v) * (1 + v); });
    case Activation::sigmoid:
      return each([](double u, double& v, double& dv) { v = sigmoid_of(u), dv = v * sigmoid_of(-u); });
    case Activation::relu:
      return each([](double u, double& v, double& dv) { v = u <= 0 ? 0 : u, dv = u <= 0 ? 0 : 1; });
    case Activation::softplus:
      return each([](double u, double& v, double& dv) { v = softplus_of(u), dv = sigmoid_of(u); });
    case Activation::softmax: {
      const double top = *std::max_element(a, a + m);
      double sum = 0;
      for (int k = 0; k < m; ++k) sum += y[k] = exp_of(a[k] - top);
      for (int k = 0; k < m; ++k) y[k] /= sum;
    }
  }
}

/// Room for `size` numbers that stays with the thread.
double* room(std::size_t size) {
  thread_local std::vector<double> numbers;
  if (numbers.size() < size) numbers.resize(size);
  return numbers.data();
}

std::string allowed_outputs(const LossRecord& loss) {
  return loss.fractions_only ? "softmax and sigmoid" : "softmax, sigmoid and softplus";
}

bool is_allowed(const LossRecord& loss, Activation g) {
  if (!loss.fractions_only && !loss.positive_only) return true;
  return g == Activation::softmax || g == Activation::sigmoid || (g == Activation::softplus && !loss.fractions_only);
}

}  // namespace

template <class T>
Output<T>::Output(const LossRecord& loss, Activation activation, int outputs)
    : loss_(&loss), activation_(activation), m_(outputs), path_(Path::general) {
  if (!is_allowed(loss, activation))
    throw Error(Exit::usage, "readout.activation",
                std::string("got ") + name_of(activation) + " with the loss " + loss.entry.name +
                    ", which needs outputs in " + (loss.fractions_only ? "(0, 1)" : "(0, inf)") + ": allowed are " +
                    allowed_outputs(loss) + ". Leave the key out for the loss's own, " + name_of(loss.natural) + ".");
  if (activation == Activation::softmax && loss.fractions_only && outputs == 1)
    throw Error(Exit::usage, "readout.activation",
                std::string("got softmax with one output, which is always 1; the loss ") + loss.entry.name +
                    " needs outputs in (0, 1): allowed is sigmoid. Or give the task two outputs or more.");
  if (activation != loss.natural) return;
  if (&loss == &entries::loss_mse) path_ = Path::half_square;
  if (&loss == &entries::loss_cross_entropy) path_ = Path::softmax;
  if (&loss == &entries::loss_bce) path_ = Path::sigmoid;
}

template <class T>
double Output<T>::row(const T* a, const T* target, T weight, T* y, T* err) const {
  double loss = 0;
  switch (path_) {
    case Path::half_square:
      loss = half_square_row(m_, a, target, y, err);
      break;
    case Path::softmax:
      loss = softmax_row(m_, a, target, y, err);
      break;
    case Path::sigmoid:
      loss = sigmoid_row(m_, a, target, y, err);
      break;
    case Path::general:
      loss = general(a, target, y, err);
  }
  if (weight == T(0))
    std::fill_n(err, m_, T(0));
  else if (weight != T(1))
    for (int k = 0; k < m_; ++k) err[k] *= weight;
  return loss;
}

template <class T>
double Output<T>::general(const T* a, const T* target, T* y, T* err) const {
  assert(m_ > 0);
  constexpr int few = 32;
  double fixed[5 * few];
  const auto m = static_cast<std::size_t>(m_);
  double* numbers = m_ <= few ? fixed : room(5 * m);
  double *u = numbers, *wanted = u + m, *v = wanted + m, *dv = v + m, *dl = dv + m;
  std::copy_n(a, m, u);
  std::copy_n(target, m, wanted);
  activate(activation_, m_, u, v, dv);
  double loss;
  if (activation_ == loss_->natural && loss_->natural_value != nullptr) {
    loss = loss_->natural_value(m_, u, v, wanted);
    for (int k = 0; k < m_; ++k) dl[k] = v[k] - wanted[k];
  } else {
    loss = loss_->value(m_, v, wanted);
    loss_->slope(m_, v, wanted, dl);
    if (activation_ == Activation::softmax) {
      double mean = 0;
      for (int k = 0; k < m_; ++k) mean += v[k] * dl[k];
      for (int k = 0; k < m_; ++k) dl[k] = v[k] * (dl[k] - mean);
    } else {
      for (int k = 0; k < m_; ++k) dl[k] *= dv[k];
    }
  }
  for (int k = 0; k < m_; ++k) {
    y[k] = static_cast<T>(v[k]);
    err[k] = static_cast<T>(dl[k]);
  }
  return loss;
}

template class Output<float>;
template class Output<double>;

}  // namespace chronograd
