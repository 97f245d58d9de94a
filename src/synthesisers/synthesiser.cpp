// SPDX-License-Identifier: Apache-2.0
// How a synthesiser learns, whatever it is made of.
#include "chronograd/synthesiser.hpp"

#include <algorithm>
#include <cmath>

#include "base/sizes.hpp"
#include "math/kernels.hpp"

namespace chronograd {

template <class T>
Synthesiser<T>::Synthesiser(const SynthesiserSetup& setup, std::size_t parameters)
    : parameters_(parameters),
      guesses_(setup.guesses),
      rate_(setup.options.number("sg_lr")),
      l2_(setup.options.number("sg_l2")),
      clip_(setup.options.number("sg_clip")),
      warmup_(setup.options.integer("sg_warmup")),
      adam_(setup.options.word("sg_optimizer") == "adam") {
  if (l2_ > 0 || clip_ > 0 || adam_) gradient_.resize(parameters);
  if (!adam_) return;
  mean_.resize(parameters);
  square_.resize(parameters);
}

template <class T>
T Synthesiser<T>::rate() {
  double factor = 1;
  if (++learnt_ < warmup_) factor = static_cast<double>(learnt_) / static_cast<double>(warmup_);
  return static_cast<T>(rate_ * factor);
}

template <class T>
void Synthesiser<T>::learn(int rows, const T* features, T* error, int streams) {
  if (gradient_.size() > 0) {
    gradient_.zero();
    descend(rows, features, error, gradient_.data());
    learn(gradient_.data(), streams);
    return;
  }
  kernels<T>().scale(static_cast<int>(area(rows, guesses_)), -rate() / static_cast<T>(streams), error);
  descend(rows, features, error, parameters_.data());
}

template <class T>
void Synthesiser<T>::learn(T* gradient, int streams) {
  const Kernels<T>& loops = kernels<T>();
  const int count = static_cast<int>(parameters_.size());
  const T step = rate();
  T factor = adam_ ? T(1) : -step;
  if (gradient_.size() == 0) {
    factor /= static_cast<T>(streams);
  } else {
    loops.scale(count, 1 / static_cast<T>(streams), gradient);
    if (l2_ > 0) decay(static_cast<T>(l2_), gradient);
    const double norm = std::sqrt(static_cast<double>(loops.squared_norm(count, gradient)));
    if (clip_ > 0 && norm > clip_) factor *= static_cast<T>(clip_ / norm);
  }
  if (!adam_) return loops.axpy(count, factor, gradient, parameters_.data());
  if (factor != T(1)) loops.scale(count, factor, gradient);
  adam(step, gradient);
}

/// theta <- theta - step m_hat / (sqrt(v_hat) + eps), as the optimiser adam with its default settings.
template <class T>
void Synthesiser<T>::adam(T step, T* gradient) {
  constexpr T b1 = static_cast<T>(0.9), b2 = static_cast<T>(0.999), eps = static_cast<T>(1e-8);
  const double k = static_cast<double>(learnt_), c1 = 1 - std::pow(static_cast<double>(b1), k),
               c2 = std::sqrt(1 - std::pow(static_cast<double>(b2), k));
  kernels<T>().adam(static_cast<int>(parameters_.size()), static_cast<T>(static_cast<double>(step) / c1), b1, b2,
                    static_cast<T>(1 / c2), eps, T(0), mean_.data(), square_.data(), parameters_.data(), gradient);
}

template <class T>
void Synthesiser<T>::copy(const Synthesiser& other) {
  std::copy_n(other.parameters_.data(), parameters_.size(), parameters_.data());
}

template <class T>
void Synthesiser<T>::state(Archive& archive) {
  archive.array("A", parameters_.span());
  archive.number("learnt", learnt_);
  if (!adam_) return;
  archive.array("mean", mean_.span());
  archive.array("square", square_.span());
}

const SynthesiserRecord& synthesiser_of(const Options& options) {
  return find_record<SynthesiserRecord>("rule.synthesiser", options.word("synthesiser"));
}

template class Synthesiser<float>;
template class Synthesiser<double>;

}  // namespace chronograd
