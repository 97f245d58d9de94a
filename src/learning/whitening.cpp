// SPDX-License-Identifier: Apache-2.0
#include "learning/whitening.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/sizes.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t silent = 32, window = 1000, shortest = 16;  // steps

/// The part of step t in the mean.
double part_of(std::int64_t t) {
  return 1.0 / static_cast<double>(std::min(t + 1, window));
}

}  // namespace

template <class T>
Whitening<T>::Whitening(int col, int cols, double delta)
    : col_(col),
      cols_(cols),
      delta_(delta),
      second_(area(cols, cols)),
      inverse_(area(cols, cols)),
      lower_(area(cols, cols)),
      columns_(area(cols, cols)) {}

template <class T>
void Whitening<T>::take(int rows, const T* z, int ld, T keep, const T* factor) {
  if (scaled_.size() < area(rows, cols_)) scaled_.resize(area(rows, cols_));
  for (int r = 0; r < rows; ++r)
    for (int j = 0; j < cols_; ++j)
      scaled_[area(r, cols_) + static_cast<std::size_t>(j)] =
          factor[r] * z[area(r, ld) + static_cast<std::size_t>(col_ + j)];
  kernels<T>().scale(static_cast<int>(second_.size()), keep, second_.data());
  if (rows == 1) return kernels<T>().outer_add(cols_, cols_, scaled_.data(), z + col_, second_.data(), cols_);
  gemm(Op::transposed, Op::none, cols_, cols_, rows, scaled_.data(), cols_, z + col_, ld, T(1), second_.data(), cols_);
}

/// By A = L L^T: the rows of `columns_` are the columns of L^-1, from the diagonal on, and P is their products.
template <class T>
void Whitening<T>::invert() {
  const int N = cols_;
  const Kernels<double>& loops = kernels<double>();
  double trace = 0;
  for (int i = 0; i < N; ++i) trace += static_cast<double>(second_[area(i, N + 1)]);
  // Regressors that were all zero so far have nothing to whiten, and any P gives zero for them.
  const double damping = trace > 0 ? delta_ * trace / N : 1;
  for (int i = 0; i < N; ++i) {
    double* row = lower_.data() + area(i, N);
    for (int j = 0; j <= i; ++j) {
      const std::size_t at = area(i, N) + static_cast<std::size_t>(j),
                        across = area(j, N) + static_cast<std::size_t>(i);
      // Rounding may leave the mean a little asymmetric.
      double sum = 0.5 * (static_cast<double>(second_[at]) + static_cast<double>(second_[across])) +
                   (i == j ? damping : 0) - loops.dot(j, row, lower_.data() + area(j, N));
      // The mean of squares has no negative direction but by rounding: what is added is the least there can be.
      if (i == j) sum = std::sqrt(std::max(sum, damping / 2));
      row[j] = i == j ? sum : sum / lower_[area(j, N + 1)];
    }
  }
  // Column j of L^-1: x_j = 1/L_jj, x_i = -(sum_{j<=k<i} L_ik x_k) / L_ii.
  for (int j = 0; j < N; ++j) {
    double* x = columns_.data() + area(j, N);
    x[j] = 1 / lower_[area(j, N + 1)];
    for (int i = j + 1; i < N; ++i)
      x[i] = -loops.dot(i - j, lower_.data() + area(i, N) + j, x + j) / lower_[area(i, N + 1)];
  }
  for (int i = 0; i < N; ++i)
    for (int j = 0; j <= i; ++j) {
      const auto value =
          static_cast<T>(loops.dot(N - i, columns_.data() + area(i, N + 1), columns_.data() + area(j, N) + i));
      inverse_[area(i, N) + static_cast<std::size_t>(j)] = inverse_[area(j, N) + static_cast<std::size_t>(i)] = value;
    }
}

template <class T>
void Whitening<T>::apply(int rows, const T* z, T* out, int ld) const {
  gemm(Op::none, Op::none, rows, cols_, cols_, z + col_, ld, inverse_.data(), cols_, T(0), out + col_, ld);
}

template <class T>
void Whitening<T>::state(Archive& archive, int number) {
  archive.array(archive.named() ? "second" + std::to_string(number) : "", second_.span());
  archive.array(archive.named() ? "inverse" + std::to_string(number) : "", inverse_.span());
}

std::vector<std::pair<int, int>> whitened_runs(const CellLayout& layout) {
  std::set<int> cuts;
  for (int b = 0; b < layout.block_count; ++b)
    cuts.insert({layout.blocks[b].col, layout.blocks[b].col + layout.blocks[b].cols});
  std::vector<std::pair<int, int>> runs;
  for (auto from = cuts.begin(), to = std::next(from); to != cuts.end(); ++from, ++to) {
    const bool constant = *to - *from == 1 && std::count(layout.ones_at, layout.ones_at + layout.ones, *from) > 0;
    if (!constant) runs.emplace_back(*from, *to - *from);
  }
  return runs;
}

template <class T>
Whitened<T>::Whitened(const Stack<T>& stack, int streams, double delta, std::unique_ptr<Rule<T>> rule)
    : stack_(stack), streams_(streams), rule_(std::move(rule)), next_(silent) {
  for (int l = 0; l < stack.layers(); ++l) {
    Layer& layer = layers_.emplace_back();
    for (const auto& [col, cols] : whitened_runs(stack.layer(l).layout())) layer.runs.emplace_back(col, cols, delta);
  }
}

template <class T>
int Whitened<T>::before_next(int most) const {
  return frozen_ ? most : static_cast<int>(std::min<std::int64_t>(most, next_ - steps_ + 1));
}

template <class T>
void Whitened<T>::learn(Layers<T> layers, const Credit<T>& credit, T* grad) {
  const int K = layers[0].steps, B = streams_;
  if (factor_.size() < area(K, B)) factor_.resize(area(K, B));
  for (int l = 0; l < stack_.layers(); ++l) {
    const std::size_t numbers = area(K * B, stack_.layer(l).ld());
    Buffer<T>& z = layers_[static_cast<std::size_t>(l)].z;
    if (z.size() < numbers) z.resize(numbers);
    std::copy_n(layers[static_cast<std::size_t>(l)].z.data(), numbers, z.data());
  }
  for (int k = 0; k < K;) {
    const int steps = before_next(K - k);
    // The mean is taken to the last of these steps; P is made anew there if it is due. What comes before that step has
    // the P before it.
    double keep = 1;
    for (int i = steps - 1; i >= 0; --i) {
      const double part = part_of(steps_ + i);
      std::fill_n(factor_.data() + area(i, B), B, static_cast<T>(keep * part / B));
      keep *= 1 - part;
    }
    const bool due = !frozen_ && steps_ + steps - 1 == next_;
    for (int l = 0; l < stack_.layers(); ++l) {
      Layer& layer = layers_[static_cast<std::size_t>(l)];
      const int ld = stack_.layer(l).ld(), before = due ? steps - 1 : steps;
      const T* z = layers[static_cast<std::size_t>(l)].z.data() + area(k * B, ld);
      T* out = layer.z.data() + area(k * B, ld);
      for (Whitening<T>& run : layer.runs) {
        if (before > 0) run.apply(before * B, z, out, ld);
        if (!frozen_) run.take(steps * B, z, ld, static_cast<T>(keep), factor_.data());
        if (!due) continue;
        run.invert();
        run.apply(B, z + area(before * B, ld), out + area(before * B, ld), ld);
      }
    }
    if (due) next_ = steps_ + steps - 1 + std::clamp((steps_ + steps - 1) / 10, shortest, longest_rest);
    steps_ += steps;
    k += steps;
  }
  for (int l = 0; l < stack_.layers(); ++l)
    layers[static_cast<std::size_t>(l)].whitened = layers_[static_cast<std::size_t>(l)].z.data();
  rule_->learn(layers, credit, grad);
  for (const Segment<T>& segment : layers) segment.whitened = nullptr;
}

template <class T>
void Whitened<T>::state(Archive& archive) {
  {
    Within whitening(archive, "whitening.");
    whitening.number("steps", steps_);
    whitening.number("next", next_);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Within layer(whitening, "layer" + std::to_string(l) + ".");
      for (std::size_t g = 0; g < layers_[l].runs.size(); ++g) layers_[l].runs[g].state(layer, static_cast<int>(g));
    }
  }
  rule_->state(archive);
}

template class Whitening<float>;
template class Whitening<double>;
template class Whitened<float>;
template class Whitened<double>;

}  // namespace chronograd
