// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "math/kernels.hpp"
#include "optimizers/make.hpp"

namespace chronograd {

/// Adam with or without decoupled weight decay, at its k-th step (from 1):
///   m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,  theta <- (1 - lr weight_decay) theta
///   hat: theta <- theta - lr m_hat / (sqrt(v_hat) + eps),  m_hat = m/(1 - b1^k),  v_hat = v/(1 - b2^k)
///   plain: theta <- theta - lr sqrt(1 - b2^k)/(1 - b1^k) m / (sqrt(v) + eps)
template <class T, bool decoupled>
class AdamFamily : public Optimizer<T> {
 public:
  AdamFamily(const Options& options, std::size_t n)
      : b1_(kept_fraction<T>(options, "beta1")),
        b2_(kept_fraction<T>(options, "beta2")),
        eps_(positive_size<T>(options, "eps")),
        decay_(decoupled ? options.number("weight_decay") : 0),
        hat_(options.word("epsilon") == "hat"),
        mean_(n),
        square_(n) {}

  void step(double lr, std::span<T> theta, std::span<T> grad) override {
    ++updates_;
    // From b1 and b2 as rounded to T: the first steps divide by these small differences.
    const double k = static_cast<double>(updates_), c1 = 1 - std::pow(static_cast<double>(b1_), k),
                 c2 = std::sqrt(1 - std::pow(static_cast<double>(b2_), k));
    const double rate = hat_ ? lr / c1 : lr * c2 / c1, root = hat_ ? 1 / c2 : 1;
    kernels<T>().adam(static_cast<int>(theta.size()), static_cast<T>(rate), b1_, b2_, static_cast<T>(root), eps_,
                      static_cast<T>(lr * decay_), mean_.data(), square_.data(), theta.data(), grad.data());
  }
  void state(Archive& archive) override {
    archive.number("updates", updates_);
    archive.array("mean", mean_.span());
    archive.array("square", square_.span());
  }

 private:
  T b1_, b2_, eps_;
  double decay_;
  bool hat_;
  std::int64_t updates_ = 0;
  Buffer<T> mean_, square_;
};

/// Adam's options, then the one that only adamw has.
inline constexpr Option adam_options[] = {
    {.key = "beta1",
     .type = OptionType::number,
     .fallback = "0.9",
     .low = 0,
     .high = 1,
     .help = "what is kept of the mean gradient at each update; below 1"},
    {.key = "beta2",
     .type = OptionType::number,
     .fallback = "0.999",
     .low = 0,
     .high = 1,
     .help = "what is kept of the mean square at each update; below 1"},
    {.key = "epsilon",
     .type = OptionType::word,
     .fallback = "\"hat\"",
     .help = "where eps is added: hat, to the corrected root (PyTorch); plain, to the uncorrected one (TensorFlow 1)",
     .choices = "hat|plain"},
    {.key = "eps",
     .type = OptionType::number,
     .fallback = "1e-8",
     .low = 0,
     .help = "number that is added to the denominator, at the place that epsilon names",
     .low_is_excluded = true},
    {.key = "weight_decay",
     .type = OptionType::number,
     .fallback = "0.01",
     .low = 0,
     .help = "decoupled decay: theta <- (1 - lr weight_decay) theta"},
};

}  // namespace chronograd
