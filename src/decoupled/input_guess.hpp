// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "chronograd/buffer.hpp"
#include "chronograd/synthesiser.hpp"

namespace chronograd {

/// A model I of a group's input made of the net's input x, so that the group need not wait for those below it (source:
/// jaderberg2017decoupled): h^ = I(x), which learns from |h^ - h|^2 when h has come.
template <class T>
class InputGuess {
 public:
  /// `options`: [interface], which names the synthesiser. n: numbers of x; w: of h.
  InputGuess(const Options& options, int n, int w, std::uint64_t seed)
      : n_(n), w_(w), model_(make_synthesiser<T>({synthesiser_of(options), n + 1, w, options, seed})) {}

  /// h [rows][w] from x [rows][n].
  void guess(int rows, const std::vector<T>& x, T* h) { model_->guess(rows, fill(rows, x), h); }
  void learn(int rows, const std::vector<T>& x, const std::vector<T>& h) {
    const T* const features = fill(rows, x);
    error_.resize(h.size());
    model_->guess(rows, features, error_.data());
    for (std::size_t i = 0; i < h.size(); ++i) error_[i] -= h[i];
    model_->learn(rows, features, error_.data(), rows);
  }
  void state(Archive& archive) { model_->state(archive); }

 private:
  const T* fill(int rows, const std::vector<T>& x) {
    const auto n = static_cast<std::size_t>(n_);
    features_.resize(static_cast<std::size_t>(rows) * (n + 1));
    for (std::size_t b = 0; b < static_cast<std::size_t>(rows); ++b) {
      std::copy_n(x.data() + b * n, n, features_.data() + b * (n + 1));
      features_[b * (n + 1) + n] = 1;
    }
    return features_.data();
  }

  int n_, w_;
  std::unique_ptr<Synthesiser<T>> model_;
  Buffer<T> features_;
  std::vector<T> error_;
};

}  // namespace chronograd
