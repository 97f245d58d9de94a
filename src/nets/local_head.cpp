// SPDX-License-Identifier: Apache-2.0
#include "nets/local_head.hpp"

#include <algorithm>

#include "base/sizes.hpp"

namespace chronograd {
namespace {

std::vector<LayerShape> head_layers(const InterfaceSetup& setup, int hidden) {
  std::vector<LayerShape> layers;
  int below = setup.width;
  if (hidden > 0) {
    layers.push_back({1, below, hidden, Activation::relu, false, false});
    below = hidden;
  }
  layers.push_back({2, below, setup.outputs, Activation::identity, false, true});
  return layers;
}

}  // namespace

Options local_head::optimizer_settings(double lr) {
  Options options;
  const std::pair<const char*, Value> settings[] = {{"name", std::string("adam")},
                                                    {"lr", lr},
                                                    {"beta1", 0.9},
                                                    {"beta2", 0.999},
                                                    {"eps", 1e-8},
                                                    {"epsilon", std::string("hat")},
                                                    {"l2", 0.0},
                                                    {"clip", 0.0},
                                                    {"schedule", std::string("constant")},
                                                    {"warmup", std::int64_t{0}}};
  for (const auto& [key, value] : settings) options.set(key, value, false);
  return options;
}

template <class T>
LocalHead<T>::LocalHead(const InterfaceSetup& setup, int hidden)
    : width_(setup.width),
      output_(setup.loss, setup.activation, setup.outputs),
      layers_(head_layers(setup, hidden), local_head::optimizer_settings(setup.options.number("head_lr")), setup.seed,
              0) {}

template <class T>
void LocalHead<T>::learn(const Passed<T>& passed, T factor, T* g) {
  const auto rows = static_cast<std::size_t>(passed.rows), m = static_cast<std::size_t>(output_.outputs());
  const std::size_t count = area(passed.rows, width_);
  pass_.rows = passed.rows;
  reserve(pass_.x, count);
  std::copy_n(passed.h, count, pass_.x.data());
  layers_.forward(pass_);
  y_.resize(m);
  err_.resize(rows * m);
  kept_.resize(std::max<std::size_t>(1, static_cast<std::size_t>(output_.kept())));
  double weight = 0;
  for (std::size_t b = 0; b < rows; ++b) {
    const T* const a = pass_.h() + b * m;
    output_.activate(a, y_.data(), kept_.data());
    output_.judge(a, y_.data(), kept_.data(), passed.target + b * m, factor * passed.weight[b], err_.data() + b * m);
    weight += static_cast<double>(passed.weight[b]);
  }
  if (!(weight > 0)) return;
  dh_.resize(count);
  layers_.backward(pass_, err_.data(), static_cast<T>(1 / weight), true, dh_.data());
  layers_.update(updates_++);
  for (std::size_t i = 0; i < count; ++i) g[i] += dh_[i];
}

template <class T>
void LocalHead<T>::state(Archive& archive) {
  layers_.state(archive);
  archive.number("updates", updates_);
}

template class LocalHead<float>;
template class LocalHead<double>;

}  // namespace chronograd
