// SPDX-License-Identifier: Apache-2.0
#include "network/readout.hpp"

#include <algorithm>

#include "base/sizes.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"

namespace chronograd {

template <class T>
Readout<T>::Readout(const Network<T>& network, int streams, int longest)
    : network_(network),
      streams_(streams),
      keeps_(network.output.kept()),
      computes_(network.output.activation() != Activation::identity || keeps_ > 0) {
  const int most = longest * streams, m = network.outputs;
  for (Buffer<T>* each : {&a_, &y_, &err_, &target_, &masked_}) each->resize(area(most, m));
  for (Buffer<T>* each : {&mask_, &weight_}) each->resize(area(most, 1));
  for (Buffer<double>* each : {&loss_, &unweighted_}) each->resize(area(most, 1));
  kept_.resize(area(most, keeps_));
}

template <class T>
void Readout<T>::read(const Weights<T>& weights, int steps, const T* shown, int ld, const T* divisor) {
  steps_ = steps;
  shown_ = shown;
  ld_ = ld;
  divisor_ = divisor;
  if (divisor_) {
    const int width = network_.readout.shown;
    if (divided_.size() < area(rows(), width)) divided_.resize(area(rows(), width));
    for (int row = 0; row < rows(); ++row)
      for (int i = 0; i < width; ++i)
        divided_[area(row, width) + static_cast<std::size_t>(i)] =
            shown[area(row, ld) + static_cast<std::size_t>(i)] / divisor_[row];
    shown_ = divided_.data();
    ld_ = width;
  }
  activated_ = !computes_;
  const int m = network_.outputs;
  const T* own = weights.theta.data() + network_.map.readout_at();
  std::copy_n(own + network_.readout.bias_at(), m, a_.data());
  for (int row = 1; row < rows(); row *= 2)
    std::copy_n(a_.data(), area(std::min(row, rows() - row), m), a_.data() + area(row, m));
  gemm(Op::none, Op::transposed, rows(), m, network_.readout.shown, shown_, ld_, own, network_.readout.shown, T(1),
       a_.data(), m);
}

template <class T>
void Readout<T>::activate(int row) {
  const int m = network_.outputs;
  network_.output.activate(a_.data() + area(row, m), y_.data() + area(row, m), kept_.data() + area(row, keeps_));
}

template <class T>
const T* Readout<T>::outputs() {
  for (int row = 0; row < rows() && !activated_; ++row) activate(row);
  activated_ = true;
  return network_.output.activation() == Activation::identity ? a_.data() : y_.data();
}

template <class T>
double Readout<T>::judge(const T* target, const T* mask, const T* weight) {
  const int m = network_.outputs;
  std::copy_n(target, area(rows(), m), target_.data());
  std::copy_n(mask, rows(), mask_.data());
  std::copy_n(weight, rows(), weight_.data());
  // A step without a loss has no target: nothing that stands there may reach a rule that learns from targets.
  lesson_ = target_.data();
  if (std::find(mask_.data(), mask_.data() + rows(), T(0)) != mask_.data() + rows()) {
    std::copy_n(target_.data(), area(rows(), m), masked_.data());
    for (int row = 0; row < rows(); ++row)
      if (mask_[static_cast<std::size_t>(row)] == T(0)) std::fill_n(masked_.data() + area(row, m), m, T(0));
    lesson_ = masked_.data();
  }
  double sum = 0;
  for (int row = 0; row < rows(); ++row) {
    const auto r = static_cast<std::size_t>(row);
    const std::size_t first = area(row, m);
    if (!activated_) activate(row);
    unweighted_[r] = network_.output.judge(a_.data() + first, y_.data() + first, kept_.data() + area(row, keeps_),
                                           target_.data() + first, weight_[r], err_.data() + first);
    loss_[r] = weight_[r] == T(0) ? 0.0 : static_cast<double>(weight_[r]) * unweighted_[r];
    sum += loss_[r];
  }
  activated_ = true;
  return sum;
}

/// c = B err; `matrix` is B transposed, (m, d).
template <class T>
void Readout<T>::carry_back(const T* matrix, T* c) const {
  const int m = network_.outputs, d = network_.readout.shown;
  gemm(Op::none, Op::none, rows(), d, m, err_.data(), m, matrix, d, T(0), c, d);
  for (int row = 0; divisor_ && row < rows(); ++row)
    for (int i = 0; i < d; ++i) c[area(row, d) + static_cast<std::size_t>(i)] /= divisor_[row];
}

template <class T>
void Readout<T>::true_credit(const Weights<T>& weights, T* c) const {
  carry_back(weights.theta.data() + network_.map.readout_at(), c);
}

template <class T>
void Readout<T>::credit(const Weights<T>& weights, T* c) const {
  if (network_.feedback.own_matrix)
    carry_back(weights.feedback.data(), c);
  else
    true_credit(weights, c);
}

template <class T>
void Readout<T>::gradient(T* grad) const {
  const int m = network_.outputs, d = network_.readout.shown;
  T* w = grad + network_.map.readout_at();
  T* b = w + network_.readout.bias_at();
  if (rows() == 1)
    kernels<T>().outer_add(m, d, err_.data(), shown_, w, d);
  else
    gemm(Op::transposed, Op::none, m, d, rows(), err_.data(), m, shown_, ld_, T(1), w, d);
  for (int row = 0; row < rows(); ++row)
    for (int k = 0; k < m; ++k) b[k] += err_[area(row, m) + static_cast<std::size_t>(k)];
}

template <class T>
Seen<T> Readout<T>::seen(const T* h, int h_ld) const {
  return {steps_,
          h,
          h_ld,
          a_.data(),
          network_.output.activation() == Activation::identity ? a_.data() : y_.data(),
          loss_.data(),
          unweighted_.data(),
          target_.data(),
          mask_.data(),
          weight_.data()};
}

template class Readout<float>;
template class Readout<double>;

}  // namespace chronograd
