// SPDX-License-Identifier: Apache-2.0
// Gradient descent with momentum: v = mu v + g, theta -= lr v.
#include "math/kernels.hpp"
#include "optimizers/make.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class Momentum final : public Optimizer<T> {
 public:
  Momentum(const Options& options, std::size_t n) : mu_(static_cast<T>(options.number("momentum"))), velocity_(n) {}
  void step(double lr, std::span<T> theta, std::span<T> grad) override {
    kernels<T>().momentum(static_cast<int>(theta.size()), static_cast<T>(lr), mu_, velocity_.data(), theta.data(),
                          grad.data());
  }
  void state(Archive& archive) override { archive.array("velocity", velocity_.span()); }

 private:
  T mu_;
  Buffer<T> velocity_;
};

constexpr Option options[] = {
    {.key = "momentum",
     .type = OptionType::number,
     .fallback = "0.9",
     .low = 0,
     .high = 1,
     .help = "mu, what is kept of the velocity at each update"},
};

}  // namespace

extern const OptimizerRecord optimizer_momentum;
const OptimizerRecord optimizer_momentum = {
    .entry = {.name = "momentum",
              .title = "gradient descent with momentum",
              .formulae = "v <- mu v + g,  theta <- theta - lr v",
              .symbols = "v: velocity, from 0 on\nmu: momentum",
              .text = "PyTorch's form.",
              .cite = "polyak1964some",
              .options = options},
    .make_float = make_optimizer<Momentum, float>,
    .make_double = make_optimizer<Momentum, double>,
};

}  // namespace chronograd::entries
