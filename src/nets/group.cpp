// SPDX-License-Identifier: Apache-2.0
#include "nets/group.hpp"

#include <cmath>

#include "base/sizes.hpp"
#include "chronograd/error.hpp"
#include "math/kernels.hpp"

namespace chronograd {

template <class T>
LayerUpdater<T>::LayerUpdater(const Layer<T>& layer, const Options& settings, std::int64_t horizon)
    : settings_(settings),
      weights_(layer.weights()),
      l2_(settings.number("l2")),
      clip_(settings.number("clip")),
      horizon_(horizon) {
  if (settings.has("clamp"))
    throw Error(Exit::usage, "optimizer.clamp", "got a range for the weights of a net ([net]), allowed is none there.");
  const auto& record = find_record<OptimizerRecord>("optimizer.name", settings.word("name"));
  if constexpr (sizeof(T) == sizeof(float))
    optimizer_ = record.make_float(record, settings_, layer.theta().size());
  else
    optimizer_ = record.make_double(record, settings_, layer.theta().size());
  const LayerShape& shape = layer.shape();
  const RowBlock units = {0, shape.outputs, shape.inputs, 0};
  if (!shape.readout) optimizer_->know({&units, 1});
  scheduled_rate(settings_, 0, horizon_);  // refuses a schedule without its horizon before the first step
}

template <class T>
void LayerUpdater<T>::update(std::int64_t t, std::span<T> theta, std::span<T> grad) {
  const Kernels<T>& loops = kernels<T>();
  if (l2_ > 0) loops.axpy(static_cast<int>(weights_), static_cast<T>(l2_), theta.data(), grad.data());
  if (clip_ > 0) {
    double squared = 0;
    for (const T g : grad) squared += static_cast<double>(g) * static_cast<double>(g);
    const double norm = std::sqrt(squared);
    if (norm > clip_) loops.scale(static_cast<int>(grad.size()), static_cast<T>(clip_ / norm), grad.data());
  }
  optimizer_->step(scheduled_rate(settings_, t, horizon_), theta, grad);
}

template <class T>
Group<T>::Group(const std::vector<LayerShape>& layers, const Options& optimizer, std::uint64_t seed,
                std::int64_t horizon)
    : grads_(layers.size()) {
  for (const LayerShape& shape : layers) {
    layers_.emplace_back(shape, seed);
    updaters_.emplace_back(layers_.back(), optimizer, horizon);
    grads_[layers_.size() - 1].resize(layers_.back().theta().size());
  }
}

template <class T>
void Group<T>::forward(Pass<T>& pass) {
  pass.tapes.resize(layers_.size());
  const T* x = pass.x.data();
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    layers_[l].forward(pass.rows, x, pass.tapes[l]);
    x = pass.tapes[l].h.data();
  }
}

template <class T>
std::vector<T> Group<T>::infer(int rows, const std::vector<T>& x) const {
  std::vector<T> from = x, to;
  for (const Layer<T>& layer : layers_) {
    to.resize(area(rows, layer.shape().outputs));
    layer.infer(rows, from.data(), to.data());
    from.swap(to);
  }
  return from;
}

template <class T>
void Group<T>::backward(const Pass<T>& pass, T* d, T share, bool learns, T* dx) {
  for (std::size_t l = layers_.size(); l-- > 0;) {
    Buffer<T>& room = passed_[l % 2];
    if (l > 0) reserve(room, area(pass.rows, layers_[l].shape().inputs));
    if (l == 0 && !learns && !dx) return;
    T* const below = l > 0 ? room.data() : dx;
    layers_[l].backward(pass.rows, l > 0 ? pass.tapes[l - 1].h.data() : pass.x.data(), pass.tapes[l], d, share,
                        learns ? grads_[l].data() : nullptr, below);
    d = below;
  }
}

template <class T>
void Group<T>::update(std::int64_t t) {
  for (std::size_t l = 0; l < layers_.size(); ++l) updaters_[l].update(t, layers_[l].theta(), grads_[l].span());
}

template <class T>
void Group<T>::last_weight_gradient(const Pass<T>& pass, T* d, T share, Buffer<T>& grad) const {
  const std::size_t l = layers_.size() - 1;
  grad.resize(layers_[l].theta().size());
  layers_[l].backward(pass.rows, l > 0 ? pass.tapes[l - 1].h.data() : pass.x.data(), pass.tapes[l], d, share,
                      grad.data(), nullptr);
}

template <class T>
std::size_t Group<T>::parameters() const {
  std::size_t sum = 0;
  for (const Layer<T>& layer : layers_) sum += layer.theta().size();
  return sum;
}

template <class T>
void Group<T>::weights(Archive& archive) {
  for (Layer<T>& layer : layers_) {
    Within named(archive, "layer" + std::to_string(layer.shape().number) + "/");
    layer.state(named);
  }
}

template <class T>
void Group<T>::state(Archive& archive) {
  weights(archive);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    Within optimizer(archive, "layer" + std::to_string(layers_[l].shape().number) + "/optimizer/");
    updaters_[l].state(optimizer);
  }
}

template class LayerUpdater<float>;
template class LayerUpdater<double>;
template class Group<float>;
template class Group<double>;

}  // namespace chronograd
