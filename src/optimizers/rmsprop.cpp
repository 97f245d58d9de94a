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
    {"rho", OptionType::number, "0.99", 0, 1, "", "what is kept of the mean square at each update; below 1"},
    {"eps", OptionType::number, "1e-8", 0, unbounded, "", "added to the root", "", true},
};

}  // namespace

extern const OptimizerRecord optimizer_rmsprop;
const OptimizerRecord optimizer_rmsprop = {
    {"rmsprop", "RMSProp", "s = rho s + (1 - rho) g^2;  theta -= lr g / (sqrt(s) + eps) (PyTorch's form)",
     "tieleman2012lecture", options},
    make_optimizer<RmsProp, float>,
    make_optimizer<RmsProp, double>};

}  // namespace chronograd::entries
