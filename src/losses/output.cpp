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
double half_square(int m, const T* __restrict a, const T* __restrict target, T* __restrict err) {
  double loss = 0;
  for (int k = 0; k < m; ++k) {
    err[k] = a[k] - target[k];
    loss += static_cast<double>(err[k]) * static_cast<double>(err[k]);
  }
  return 0.5 * loss;
}

/// What the loss needs beside y: the largest a, and log(sum_k e^(a_k - top)).
template <class T>
void softmax_outputs(int m, const T* __restrict a, T* __restrict y, double* __restrict kept) {
  int at = 0;
  for (int k = 1; k < m; ++k)
    if (a[k] > a[at]) at = k;
  const T top = a[at];
  for (int k = 0; k < m; ++k) y[k] = exp_of(a[k] - top);
  // Without the largest term, which is e^0 = 1: log(1 + rest) keeps a small loss exact.
  T rest = 0;
  for (int k = 0; k < m; ++k)
    if (k != at) rest += y[k];
  const T one_over = y[at] / (T(1) + rest);  // y[at] is 1, or NaN if top is no number
  for (int k = 0; k < m; ++k) y[k] *= one_over;
  kept[0] = static_cast<double>(top);
  kept[1] = static_cast<double>(std::log1p(rest));
}

template <class T>
double cross_entropy(int m, const T* __restrict a, const T* __restrict y, const double* __restrict kept,
                     const T* __restrict target, T* __restrict err) {
  const T top = static_cast<T>(kept[0]), log_sum = static_cast<T>(kept[1]);
  double loss = 0;
  T mass = 0;
  for (int k = 0; k < m; ++k) {
    mass += target[k];
    if (target[k] != T(0)) loss += static_cast<double>(target[k] * ((top - a[k]) + log_sum));
  }
  for (int k = 0; k < m; ++k) err[k] = mass * y[k] - target[k];
  return loss;
}

template <class T>
double binary_cross_entropy(int m, const T* __restrict a, const T* __restrict y, const T* __restrict target,
                            T* __restrict err) {
  for (int k = 0; k < m; ++k) {
    const T s = softplus_of(-magnitude(a[k]));
    const T above = target[k] == T(1) ? T(0) : (T(1) - target[k]) * ((a[k] > T(0) ? a[k] : T(0)) + s);
    const T below = target[k] == T(0) ? T(0) : target[k] * ((a[k] < T(0) ? -a[k] : T(0)) + s);
    err[k] = above + below;
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

constexpr int few = 32;  // outputs for which scratch lies on the stack

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
int Output<T>::kept() const {
  if (path_ == Path::softmax) return 2;
  return path_ == Path::general ? 2 * m_ : 0;
}

template <class T>
void Output<T>::activate(const T* a, T* y, double* kept) const {
  switch (path_) {
    case Path::half_square:
      std::copy_n(a, m_, y);
      return;
    case Path::softmax:
      return softmax_outputs(m_, a, y, kept);
    case Path::sigmoid:
      for (int k = 0; k < m_; ++k) y[k] = sigmoid_of(a[k]);
      return;
    case Path::general:
      double few_numbers[few];
      double* const u = m_ <= few ? few_numbers : room(static_cast<std::size_t>(m_));
      std::copy_n(a, m_, u);
      chronograd::activate(activation_, m_, u, kept, kept + m_);
      for (int k = 0; k < m_; ++k) y[k] = static_cast<T>(kept[k]);
  }
}

template <class T>
double Output<T>::judge(const T* a, const T* y, const double* kept, const T* target, T weight, T* err) const {
  double loss = 0;
  switch (path_) {
    case Path::half_square:
      loss = half_square(m_, a, target, err);
      break;
    case Path::softmax:
      loss = cross_entropy(m_, a, y, kept, target, err);
      break;
    case Path::sigmoid:
      loss = binary_cross_entropy(m_, a, y, target, err);
      break;
    case Path::general:
      loss = general(a, kept, target, err);
  }
  if (weight == T(0))
    std::fill_n(err, m_, T(0));
  else if (weight != T(1))
    for (int k = 0; k < m_; ++k) err[k] *= weight;
  return loss;
}

template <class T>
double Output<T>::general(const T* a, const double* kept, const T* target, T* err) const {
  assert(m_ > 0);
  double fixed[3 * few];
  const auto m = static_cast<std::size_t>(m_);
  double* const u = m_ <= few ? fixed : room(3 * m);
  double *const wanted = u + m, *const dl = wanted + m;
  const double *const v = kept, *const dv = kept + m;
  std::copy_n(a, m, u);
  std::copy_n(target, m, wanted);
  double loss;
  if (activation_ == loss_->natural && loss_->natural_value != nullptr) {
    loss = loss_->natural_value(*loss_, m_, u, v, wanted);
    for (int k = 0; k < m_; ++k) dl[k] = v[k] - wanted[k];
  } else {
    loss = loss_->value(*loss_, m_, v, wanted);
    loss_->slope(*loss_, m_, v, wanted, dl);
    if (activation_ == Activation::softmax) {
      double mean = 0;
      for (int k = 0; k < m_; ++k) mean += v[k] * dl[k];
      for (int k = 0; k < m_; ++k) dl[k] = v[k] * (dl[k] - mean);
    } else {
      for (int k = 0; k < m_; ++k) dl[k] *= dv[k];
    }
  }
  for (int k = 0; k < m_; ++k) err[k] = static_cast<T>(dl[k]);
  return loss;
}

template class Output<float>;
template class Output<double>;

}  // namespace chronograd
