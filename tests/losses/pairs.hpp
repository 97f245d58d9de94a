// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/loss.hpp"
#include "losses/output.hpp"

namespace chronograd {

inline constexpr Activation activations[] = {Activation::identity, Activation::tanh,     Activation::sigmoid,
                                             Activation::relu,     Activation::softplus, Activation::softmax};

inline bool is_positive(Activation g) {
  return g == Activation::sigmoid || g == Activation::softplus || g == Activation::softmax;
}
inline bool is_fraction(Activation g) {
  return g == Activation::sigmoid || g == Activation::softmax;
}
/// What the flags of a loss say about an activation of m outputs. A softmax of one output is 1.
inline bool makes_sense(const LossRecord& loss, Activation g, int m = 2) {
  if (loss.fractions_only && g == Activation::softmax && m == 1) return false;
  return (!loss.positive_only || is_positive(g)) && (!loss.fractions_only || is_fraction(g));
}

/// What one row gives.
template <class T>
struct Row {
  double loss;
  std::vector<T> y, err;
};

template <class T>
Row<T> row_of(const Output<T>& output, const std::vector<T>& a, const std::vector<T>& target, T weight = T(1)) {
  Row<T> row{0, std::vector<T>(a.size(), T(-7)), std::vector<T>(a.size(), T(-7))};
  std::vector<double> kept(static_cast<std::size_t>(output.kept()));
  output.activate(a.data(), row.y.data(), kept.data());
  row.loss = output.judge(a.data(), row.y.data(), kept.data(), target.data(), weight, row.err.data());
  return row;
}

template <class T>
Row<T> row_of(const LossRecord& loss, Activation g, const std::vector<T>& a, const std::vector<T>& target,
              T weight = T(1)) {
  return row_of(Output<T>(loss, g, static_cast<int>(a.size())), a, target, weight);
}

}  // namespace chronograd
