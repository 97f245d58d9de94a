// SPDX-License-Identifier: Apache-2.0
#include "synthesisers/layered.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/sizes.hpp"
#include "chronograd/error.hpp"
#include "chronograd/random.hpp"
#include "math/gemm.hpp"
#include "math/kernels.hpp"

namespace chronograd {
namespace {

/// A matrix (outputs, inputs), stored [inputs][outputs]; the last input is the constant 1.
struct Layer {
  int inputs, outputs;
  std::size_t begin;
};

std::vector<Layer> layers_of(const SynthesiserSetup& setup, const std::vector<int>& hidden) {
  std::vector<Layer> layers;
  std::size_t begin = 0;
  int inputs = setup.features;
  for (std::size_t l = 0; l <= hidden.size(); ++l) {
    const int outputs = l < hidden.size() ? hidden[l] : setup.guesses;
    layers.push_back({inputs, outputs, begin});
    begin += area(inputs, outputs);
    inputs = outputs + 1;
  }
  if (begin > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw Error(Exit::usage, "rule.synthesiser",
                "got " + std::to_string(begin) + " parameters, allowed are at most " +
                    std::to_string(std::numeric_limits<int>::max()) +
                    ". synthesiser = \"low_rank\" has fewer, for instance.");
  return layers;
}

std::size_t size_of(const std::vector<Layer>& layers) {
  return layers.back().begin + area(layers.back().inputs, layers.back().outputs);
}

template <class T>
class Layered final : public Synthesiser<T> {
 public:
  Layered(const SynthesiserSetup& setup, std::vector<Layer> layers, bool relu)
      : Synthesiser<T>(setup, size_of(layers)),
        layers_(std::move(layers)),
        relu_(relu),
        hidden_(layers_.size() - 1),
        back_(layers_.size() - 1) {
    const std::size_t drawn = setup.options.flag("sg_zero") ? layers_.size() - 1 : layers_.size();
    std::uint64_t number = 0;
    for (std::size_t l = 0; l < drawn; ++l) {
      const Layer& layer = layers_[l];
      const double scale = 1 / std::sqrt(static_cast<double>(layer.inputs));
      for (int i = 0; i < layer.outputs; ++i) {
        Random random(setup.seed, Draw::rule, std::numeric_limits<std::uint64_t>::max(), number++);
        for (int j = 0; j < layer.inputs; ++j)
          weights(layer)[area(j, layer.outputs) + static_cast<std::size_t>(i)] =
              static_cast<T>(random.normal() * scale);
      }
    }
  }

  void guess(int rows, const T* features, T* guess) override {
    const Layer& last = layers_.back();
    const T* z = forward(rows, features);
    gemm(Op::none, Op::none, rows, last.outputs, last.inputs, z, last.inputs, weights(last), last.outputs, T(0), guess,
         last.outputs);
  }

  void descend(int rows, const T* features, const T* error, T* to) override {
    if (!hidden_.empty()) forward(rows, features);
    // All errors first: `to` may be the weights that they pass through.
    const T* passed = error;
    for (std::size_t l = hidden_.size(); l > 0; --l) {
      const Layer& layer = layers_[l];
      passed = pass_back(l - 1, rows, layer.outputs, passed, back_[l - 1]);
    }
    for (std::size_t l = 0; l < layers_.size(); ++l)
      add_outer(layers_[l], rows, l == 0 ? features : hidden_[l - 1].data(),
                l + 1 == layers_.size() ? error : back_[l].data(), to + layers_[l].begin);
  }

  int first_width() const override { return layers_.front().outputs; }

  void derivative(const T* features, T* to) override {
    const Layer& last = layers_.back();
    const T* z = forward(1, features);
    const std::size_t P = this->parameters_.size();
    for (int i = 0; i < last.outputs; ++i)
      for (int j = 0; j < last.inputs; ++j)
        to[static_cast<std::size_t>(i) * P + last.begin + area(j, last.outputs) + static_cast<std::size_t>(i)] += z[j];
    // dg/dz of a hidden layer, one row a guess.
    const T* slopes = nullptr;
    for (std::size_t l = hidden_.size(); l > 0; --l) {
      const Layer& layer = layers_[l];
      if (slopes == nullptr) {
        unit_.resize(area(layer.outputs, layer.outputs));
        for (int i = 0; i < layer.outputs; ++i) unit_[area(i, layer.outputs + 1)] = 1;
        slopes = unit_.data();
      }
      slopes = pass_back(l - 1, last.outputs, layer.outputs, slopes, back_[l - 1], true);
      const Layer& below = layers_[l - 1];
      const T* from = l == 1 ? features : hidden_[l - 2].data();
      for (int i = 0; i < last.outputs; ++i)
        kernels<T>().outer_add(below.inputs, below.outputs, from, slopes + area(i, below.outputs),
                               to + static_cast<std::size_t>(i) * P + below.begin, below.outputs);
    }
  }

 private:
  T* weights(const Layer& layer) { return this->parameters_.data() + layer.begin; }

  static void reserve(Buffer<T>& buffer, std::size_t numbers) {
    if (buffer.size() < numbers) buffer.resize(numbers);
  }

  /// Fills the hidden layers; returns what the last layer reads, [rows][inputs].
  const T* forward(int rows, const T* features) {
    const T* z = features;
    for (std::size_t l = 0; l < hidden_.size(); ++l) {
      const Layer& layer = layers_[l];
      const int ld = layer.outputs + 1;
      reserve(hidden_[l], area(rows, ld));
      gemm(Op::none, Op::none, rows, layer.outputs, layer.inputs, z, layer.inputs, weights(layer), layer.outputs, T(0),
           hidden_[l].data(), ld);
      for (int row = 0; row < rows; ++row) {
        T* out = hidden_[l].data() + area(row, ld);
        if (relu_)
          for (int i = 0; i < layer.outputs; ++i) out[i] = std::max(out[i], T(0));
        out[layer.outputs] = 1;
      }
      z = hidden_[l].data();
    }
    return z;
  }

  /// below [rows][H_l] = error [rows][width] on the layer above hidden layer l, taken through its weights and the
  /// slopes of l, which are those of the rows of the last forward pass (`same`: all of row 0).
  const T* pass_back(std::size_t l, int rows, int width, const T* error, Buffer<T>& below, bool same = false) {
    const Layer& above = layers_[l + 1];
    const int units = above.inputs - 1;
    reserve(below, area(rows, units));
    gemm(Op::none, Op::transposed, rows, units, width, error, width, weights(above), width, T(0), below.data(), units);
    if (relu_)
      for (int row = 0; row < rows; ++row) {
        const T* z = hidden_[l].data() + area(same ? 0 : row, above.inputs);
        T* slope = below.data() + area(row, units);
        for (int i = 0; i < units; ++i)
          if (!(z[i] > T(0))) slope[i] = 0;
      }
    return below.data();
  }

  static void add_outer(const Layer& layer, int rows, const T* z, const T* error, T* to) {
    if (rows == 1)
      kernels<T>().outer_add(layer.inputs, layer.outputs, z, error, to, layer.outputs);
    else
      gemm(Op::transposed, Op::none, layer.inputs, layer.outputs, rows, z, layer.inputs, error, layer.outputs, T(1), to,
           layer.outputs);
  }

  void decay(T factor, T* gradient) const override {
    for (const Layer& layer : layers_)
      kernels<T>().axpy((layer.inputs - 1) * layer.outputs, factor, this->parameters_.data() + layer.begin,
                        gradient + layer.begin);
  }

  std::vector<Layer> layers_;
  bool relu_;
  std::vector<Buffer<T>> hidden_;  ///< [rows][H + 1] of each hidden layer, its units and 1
  std::vector<Buffer<T>> back_;    ///< [rows][H] errors on their units
  Buffer<T> unit_;
};

}  // namespace

template <class T>
std::unique_ptr<Synthesiser<T>> make_layered(const SynthesiserSetup& setup, const std::vector<int>& hidden, bool relu) {
  return std::make_unique<Layered<T>>(setup, layers_of(setup, hidden), relu);
}

template std::unique_ptr<Synthesiser<float>> make_layered(const SynthesiserSetup&, const std::vector<int>&, bool);
template std::unique_ptr<Synthesiser<double>> make_layered(const SynthesiserSetup&, const std::vector<int>&, bool);

}  // namespace chronograd
