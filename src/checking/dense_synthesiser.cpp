// SPDX-License-Identifier: Apache-2.0
#include "checking/dense_synthesiser.hpp"

#include <algorithm>
#include <cmath>

#include "chronograd/error.hpp"

namespace chronograd::checking {

DenseSynthesiser::DenseSynthesiser(const RuleDefinition& rule, int features, int guesses)
    : relu_(rule.model == "mlp"),
      adam_(rule.sg_adam),
      rate_(rule.sg_lr),
      l2_(rule.sg_l2),
      clip_(rule.sg_clip),
      warmup_(rule.sg_warmup) {
  std::vector<int> hidden;
  if (rule.model == "low_rank")
    hidden = {rule.rank};
  else if (rule.model == "mlp")
    hidden = rule.hidden;
  else if (rule.model != "linear")
    throw Error(Exit::usage, "rule.synthesiser", "got '" + rule.model + "', allowed are linear, mlp, low_rank.");
  int from = features;
  for (int units : hidden) {
    if (units == 0) units = guesses;
    matrices_.push_back({units, from, A_.size()});
    A_.resize(A_.size() + units * from);
    from = units + 1;
  }
  matrices_.push_back({guesses, from, A_.size()});
  A_.resize(A_.size() + guesses * from);
  const std::size_t drawn = rule.sg_zero ? matrices_.size() - 1 : matrices_.size();
  int number = 0;
  for (std::size_t l = 0; l < drawn; ++l)
    for (int i = 0; i < matrices_[l].rows; ++i, ++number)
      for (int j = 0; j < matrices_[l].cols; ++j) {
        if (!rule.first_weight)
          throw Error(Exit::usage, "rule.first_weight", "got none, needed are numbers of the first matrices.");
        A_[matrices_[l].begin + i * matrices_[l].cols + j] =
            rule.first_weight(number, j) / std::sqrt(matrices_[l].cols);
      }
  if (rule.synthesiser.empty()) return;
  if (rule.synthesiser.size() != A_.size())
    throw Error(
        Exit::usage, "rule.synthesiser",
        "got " + std::to_string(rule.synthesiser.size()) + " numbers, needed are " + std::to_string(A_.size()) + ".");
  A_ = rule.synthesiser;
}

std::vector<Vector> DenseSynthesiser::forward(const Vector& f) const {
  std::vector<Vector> z = {f};
  for (std::size_t l = 0; l + 1 < matrices_.size(); ++l) {
    const Matrix& A = matrices_[l];
    Vector next;
    for (int i = 0; i < A.rows; ++i) {
      double sum = 0;
      for (int j = 0; j < A.cols; ++j) sum += A_[A.begin + i * A.cols + j] * z[l][j];
      next.push_back(sum * slope(sum));
    }
    next.push_back(1);
    z.push_back(next);
  }
  return z;
}

Vector DenseSynthesiser::guess(const Vector& f) const {
  const Vector z = forward(f).back();
  const Matrix& A = matrices_.back();
  Vector g(A.rows, 0.0);
  for (int i = 0; i < A.rows; ++i)
    for (int j = 0; j < A.cols; ++j) g[i] += A_[A.begin + i * A.cols + j] * z[j];
  return g;
}

Vector DenseSynthesiser::derivative(const Vector& f) const {
  const std::vector<Vector> z = forward(f);
  const int guesses = matrices_.back().rows;
  Vector all(guesses * A_.size(), 0.0);
  for (int k = 0; k < guesses; ++k) {
    Vector back(guesses, 0.0);  // dg_k by what the matrix makes
    back[k] = 1;
    for (std::size_t l = matrices_.size(); l-- > 0;) {
      const Matrix& A = matrices_[l];
      Vector below(A.cols, 0.0);
      for (int i = 0; i < A.rows; ++i)
        for (int j = 0; j < A.cols; ++j) {
          all[k * A_.size() + A.begin + i * A.cols + j] = back[i] * z[l][j];
          below[j] += back[i] * A_[A.begin + i * A.cols + j];
        }
      for (int j = 0; j < A.cols; ++j) below[j] *= slope(z[l][j]);
      back = below;
    }
  }
  return all;
}

void DenseSynthesiser::add(const Vector& f, const Vector& error, Vector& gradient) const {
  const Vector term = product(1, static_cast<int>(error.size()), static_cast<int>(A_.size()), error, derivative(f));
  for (std::size_t k = 0; k < A_.size(); ++k) gradient[k] += term[k];
}

void DenseSynthesiser::learn(Vector gradient, int streams) {
  for (double& g : gradient) g /= streams;
  for (const Matrix& A : matrices_)
    for (int i = 0; i < A.rows; ++i)
      for (int j = 0; j + 1 < A.cols; ++j) gradient[A.begin + i * A.cols + j] += l2_ * A_[A.begin + i * A.cols + j];
  double norm = 0;
  for (const double g : gradient) norm += g * g;
  norm = std::sqrt(norm);
  double rate = rate_;
  if (++learnt_ < warmup_) rate = rate_ * learnt_ / warmup_;
  if (adam_) return descend_by_adam(gradient, rate, clip_ > 0 && norm > clip_ ? clip_ / norm : 1.0);
  if (clip_ > 0 && norm > clip_) rate *= clip_ / norm;
  for (std::size_t k = 0; k < A_.size(); ++k) A_[k] -= rate * gradient[k];
}

void DenseSynthesiser::descend_by_adam(const Vector& gradient, double rate, double factor) {
  mean_.resize(A_.size());
  square_.resize(A_.size());
  for (std::size_t k = 0; k < A_.size(); ++k) {
    const double g = factor * gradient[k];
    mean_[k] = 0.9 * mean_[k] + 0.1 * g;
    square_[k] = 0.999 * square_[k] + 0.001 * g * g;
    const double m = mean_[k] / (1 - std::pow(0.9, learnt_)), v = square_[k] / (1 - std::pow(0.999, learnt_));
    A_[k] -= rate * m / (std::sqrt(v) + 1e-8);
  }
}

}  // namespace chronograd::checking
