// SPDX-License-Identifier: Apache-2.0
// A model of credit for dense rules: matrices A_1 ... A_n (to, from), z_0 = f, z_l = (r(A_l z_{l-1}), 1), g = A_n z,
// with r = relu (mlp), the identity (low_rank), or one matrix alone (linear).
#pragma once

#include "checking/linear_step.hpp"

namespace chronograd::checking {

class DenseSynthesiser {
 public:
  /// `features` numbers, the last of which is 1, to `guesses`. Throws Error (usage) for a first matrix of the wrong
  /// size and for matrices to be drawn without `rule.first_weight`.
  DenseSynthesiser(const RuleDefinition& rule, int features, int guesses);

  Vector guess(const Vector& f) const;
  /// dg/dA [guesses][numbers of all matrices].
  Vector derivative(const Vector& f) const;
  /// One step down `gradient`, the sum over streams of what is divided by their number here.
  void learn(Vector gradient, int streams);
  /// sum of error . dg/dA, added to `gradient`, which begins as zeros of this size.
  void add(const Vector& f, const Vector& error, Vector& gradient) const;
  std::size_t size() const { return A_.size(); }

 private:
  void descend_by_adam(const Vector& gradient, double rate, double factor);
  struct Matrix {
    int rows, cols;
    std::size_t begin;
  };
  /// z_0 ... z_{n-1}.
  std::vector<Vector> forward(const Vector& f) const;
  double slope(double z) const { return relu_ && z <= 0 ? 0.0 : 1.0; }

  std::vector<Matrix> matrices_;
  Vector A_;
  bool relu_, adam_;
  Vector mean_, square_;
  double rate_, l2_, clip_;
  int warmup_, learnt_ = 0;
};

}  // namespace chronograd::checking
