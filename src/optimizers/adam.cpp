// SPDX-License-Identifier: Apache-2.0
#include "optimizers/adam_family.hpp"

namespace chronograd::entries {
namespace {
template <class T>
using Adam = AdamFamily<T, false>;
}  // namespace

extern const OptimizerRecord optimizer_adam;
const OptimizerRecord optimizer_adam = {
    .entry = {.name = "adam",
              .title = "Adam",
              .formulae = "m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2\n"
                          "hat: theta <- theta - lr m_hat / (sqrt(v_hat) + eps),  m_hat = m/(1 - b1^k),  "
                          "v_hat = v/(1 - b2^k)\n"
                          "plain: theta <- theta - lr sqrt(1 - b2^k)/(1 - b1^k) m / (sqrt(v) + eps)",
              .symbols = "m, v: means of the gradient and of its square, from 0 on\n"
                         "b1, b2: beta1, beta2\n"
                         "k: number of the update, from 1 on",
              .cite = "kingma2015adam",
              .options = std::span<const Option>(adam_options).first(4)},
    .make_float = make_optimizer<Adam, float>,
    .make_double = make_optimizer<Adam, double>,
};

}  // namespace chronograd::entries
