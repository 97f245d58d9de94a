// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/loss.hpp"

namespace chronograd {

/// From the pre-outputs a of one step of one stream to its outputs, its loss and the error that learning starts from:
///     y = g(a),   L = L(y, y*),   err = weight dL/da.
/// With the loss's natural activation dL/da = y - y* and L comes from a, without overflow or cancellation. Any other
/// pair takes dL/dy times dg/da, in double, with the full Jacobian for softmax. relu's slope at 0 is 0.
template <class T>
class Output {
 public:
  /// Throws Error (usage) if the loss is not defined for all outputs of the activation.
  Output(const LossRecord& loss, Activation activation, int outputs);

  /// Numbers that activate keeps of a step of a stream for judge: what both need is computed once.
  int kept() const;
  /// a, y: m numbers each; kept: kept() of them. None overlap. NaN in a gives NaN in y.
  void activate(const T* a, T* y, double* kept) const;
  /// a, y and kept as activate left them; target, err: m numbers each, none overlapping. Returns L, not weighted. A
  /// weight of 0 gives err = 0 exactly, even where L or its slope is infinite or NaN. NaN in a gives NaN in L.
  double judge(const T* a, const T* y, const double* kept, const T* target, T weight, T* err) const;

  int outputs() const { return m_; }
  Activation activation() const { return activation_; }
  const LossRecord& loss() const { return *loss_; }

 private:
  enum class Path { half_square, softmax, sigmoid, general };
  double general(const T* a, const double* kept, const T* target, T* err) const;

  const LossRecord* loss_;
  Activation activation_;
  int m_;
  Path path_;
};

}  // namespace chronograd
