// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "chronograd/optimizer.hpp"
#include "nets/layer.hpp"

namespace chronograd {

/// A batch on its way through a group of layers.
template <class T>
struct Pass {
  int rows = 0;
  Buffer<T> x;                 ///< [rows][inputs]
  std::vector<Tape<T>> tapes;  ///< of each layer
  const T* h() const { return tapes.back().h.data(); }
};

/// Moves the parameters of one layer by [optimizer]: L2 on W alone, clipping of the layer's gradient, the schedule, the
/// optimiser. Of each layer by itself, so that no grouping of layers changes a bit.
template <class T>
class LayerUpdater {
 public:
  /// `horizon`: updates of the run, for schedules. Throws Error (usage) for a setting that nets do not take.
  LayerUpdater(const Layer<T>& layer, const Options& settings, std::int64_t horizon);
  /// Of batch t; grad [parameters] is zero afterwards.
  void update(std::int64_t t, std::span<T> theta, std::span<T> grad);
  void state(Archive& archive) { optimizer_->state(archive); }

 private:
  Options settings_;
  std::unique_ptr<Optimizer<T>> optimizer_;
  std::size_t weights_;
  double l2_, clip_;
  std::int64_t horizon_;
};

/// Consecutive layers that one worker has, and how they learn.
template <class T>
class Group {
 public:
  Group(const std::vector<LayerShape>& layers, const Options& optimizer, std::uint64_t seed, std::int64_t horizon);

  int inputs() const { return layers_.front().shape().inputs; }
  int outputs() const { return layers_.back().shape().outputs; }

  /// pass.x and pass.rows are set; fills the tapes.
  void forward(Pass<T>& pass);
  /// h [rows][outputs] as at test time, from x [rows][inputs].
  std::vector<T> infer(int rows, const std::vector<T>& x) const;
  /// d [rows][outputs]: the gradient of each sample with respect to the pass's h, which is used up. With `learns` the
  /// gradient of the parameters is set to the sum over samples times `share`; dx [rows][inputs] if not null.
  void backward(const Pass<T>& pass, T* d, T share, bool learns, T* dx);
  /// One optimiser step of all layers, by the gradient that backward left, with the rate of batch t.
  void update(std::int64_t t);
  /// The gradient of the last layer's W alone, [inputs][outputs] of it; d is used up.
  void last_weight_gradient(const Pass<T>& pass, T* d, T share, Buffer<T>& grad) const;

  const std::vector<Layer<T>>& layers() const { return layers_; }
  std::vector<Layer<T>>& layers() { return layers_; }
  /// What backward left, by layer.
  std::vector<Buffer<T>>& gradients() { return grads_; }
  std::size_t parameters() const;
  /// Visits what it predicts with, under the names that state has.
  void weights(Archive& archive);
  /// Visits that and the optimisers.
  void state(Archive& archive);

 private:
  std::vector<Layer<T>> layers_;
  std::vector<LayerUpdater<T>> updaters_;
  std::vector<Buffer<T>> grads_;
  Buffer<T> passed_[2];
};

}  // namespace chronograd
