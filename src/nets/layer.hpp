// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/archive.hpp"
#include "chronograd/array.hpp"
#include "chronograd/buffer.hpp"
#include "nets/net_shape.hpp"

namespace chronograd {

/// Room for so many numbers at least. Batches differ in size, and a smaller one leaves the room as it is; what stood in
/// it may be lost.
template <class T>
void reserve(Buffer<T>& buffer, std::size_t numbers) {
  if (buffer.size() < numbers) buffer.resize(numbers);
}

/// What a layer keeps of a batch for the way back.
template <class T>
struct Tape {
  Buffer<T> h;       ///< [rows][outputs] after the activation
  Buffer<T> z;       ///< [rows][outputs] (x W - mean) over the deviation; of normalised layers
  Buffer<T> spread;  ///< [outputs] 1/sqrt(variance + epsilon); likewise
};

/// A dense layer: h = f(x W + b), or normalised by its batch (source: ioffe2015batch)
///     z = (x W - mean) / sqrt(variance + 1e-5),   h = f(gamma z + beta)
/// with mean and variance of each unit over the rows of the batch; at test time running means of both serve, kept by
/// 0.9 a batch. Its first weights depend on seed and number alone.
template <class T>
class Layer {
 public:
  Layer(const LayerShape& shape, std::uint64_t seed);

  /// tape.h from x [rows][inputs], of a batch to learn from; the running means move.
  void forward(int rows, const T* x, Tape<T>& tape);
  /// h [rows][outputs] as at test time.
  void infer(int rows, const T* x, T* h) const;
  /// From d [rows][outputs], the gradient of each sample with respect to h, which is used up. grad, if not null:
  /// [parameters] is set to the sum over samples times `share`. dx [rows][inputs], if not null, is set to the gradient
  /// of each sample with respect to x. Under the weights of now; what forward left says the rest.
  void backward(int rows, const T* x, const Tape<T>& tape, T* d, T share, T* grad, T* dx) const;

  /// The numbers that learn: W [inputs][outputs], then b [outputs], or gamma and beta.
  std::span<T> theta() { return theta_.span(); }
  std::span<const T> theta() const { return theta_.span(); }
  std::size_t weights() const;  ///< numbers of W
  const LayerShape& shape() const { return shape_; }

  /// Adds W1 (outputs, inputs), and b1, or gamma1, beta1, mean1, var1, (outputs) each, with its number; of the readout
  /// W_out and b_y.
  void add_to(Arrays& arrays) const;
  /// Takes them over. Throws Error (data) with `file` as the place for one that is missing, misshapen or not finite.
  void take_from(const Arrays& arrays, const std::string& file);
  /// The names of these arrays.
  std::vector<std::string> names() const;
  /// Visits parameters and running means.
  void state(Archive& archive);

 private:
  /// All but W as it stands in files: the name and the numbers, [outputs] each.
  template <class Self>
  static auto parts(Self& self);
  void normalise(int rows, Tape<T>& tape);
  T* row(std::size_t at) { return theta_.data() + weights() + at * static_cast<std::size_t>(shape_.outputs); }
  const T* row(std::size_t at) const {
    return theta_.data() + weights() + at * static_cast<std::size_t>(shape_.outputs);
  }

  LayerShape shape_;
  Buffer<T> theta_;
  Buffer<T> mean_, variance_;  ///< [outputs] running ones
  mutable Buffer<T> sums_;     ///< [2][outputs] of a batch
};

}  // namespace chronograd
