// SPDX-License-Identifier: Apache-2.0
// RMSProp: s = rho s + (1 - rho) g^2, theta -= lr g / (sqrt(s) + eps).
#include "math/kernels.hpp"
#include "optimizers/make.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class RmsProp final : public Optimizer<T> {
 public:
  RmsProp(const Options& options, std::size_t n)
      : rho_(kept_fraction<T>(options, "rho")), eps_(positive_size<T>(options, "eps")), square_(n) {}
  void step(double lr, std::span<T> theta, std::span<T> grad) override {
    kernels<T>().rmsprop(static_cast<int>(theta.size()), static_cast<T>(lr), rho_, eps_, square_.data(), theta.data(),
                         grad.data());
  }
  void state(Archive& archive) override { archive.array("square", square_.span()); }

 private:
  T rho_, eps_;
  Buffer<T> square_;
};

constexpr Option options[] = {
    {.key = "rho",
     .type = OptionType::number,
     .fallback = "0.99",
     .low = 0,
     .high = 1,
     .help = "what is kept of the mean square at each update; below 1"},
    {.key = "eps",
     .type = OptionType::number,
     .fallback = "1e-8",
     .low = 0,
     .help = "number that is added to the root of s",
     .low_is_excluded = true},
};

}  // namespace

extern const OptimizerRecord optimizer_rmsprop;
const OptimizerRecord optimizer_rmsprop = {
    .entry = {.name = "rmsprop",
              .title = "RMSProp",
              .formulae = "s <- rho s + (1 - rho) g^2,  theta <- theta - lr g / (sqrt(s) + eps)",
              .symbols = "s: mean of the gradient's square, from 0 on",
              .text = "PyTorch's form.",
              .cite = "tieleman2012lecture",
              .options = options},
    .make_float = make_optimizer<RmsProp, float>,
    .make_double = make_optimizer<RmsProp, double>,
};

}  // namespace chronograd::entries
