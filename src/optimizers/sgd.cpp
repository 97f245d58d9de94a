// SPDX-License-Identifier: Apache-2.0
// Plain gradient descent: theta -= lr g.
#include "math/kernels.hpp"
#include "optimizers/make.hpp"

namespace chronograd::entries {
namespace {

template <class T>
class Sgd final : public Optimizer<T> {
 public:
  Sgd(const Options&, std::size_t) {}
  void step(double lr, std::span<T> theta, std::span<T> grad) override {
    kernels<T>().sgd(static_cast<int>(theta.size()), static_cast<T>(lr), theta.data(), grad.data());
  }
  void state(Archive&) override {}
};

}  // namespace

extern const OptimizerRecord optimizer_sgd;
const OptimizerRecord optimizer_sgd = {
    .entry = {.name = "sgd", .title = "gradient descent", .formulae = "theta <- theta - lr g"},
    .make_float = make_optimizer<Sgd, float>,
    .make_double = make_optimizer<Sgd, double>,
};

}  // namespace chronograd::entries
