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
              .text = "m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  at update k (from 1)\n"
                      "hat:   theta -= lr m_hat / (sqrt(v_hat) + eps),  m_hat = m/(1 - b1^k),  v_hat = v/(1 - b2^k)\n"
                      "plain: theta -= lr sqrt(1 - b2^k)/(1 - b1^k) m / (sqrt(v) + eps)",
              .cite = "kingma2015adam",
              .options = std::span<const Option>(adam_options).first(4)},
    .make_float = make_optimizer<Adam, float>,
    .make_double = make_optimizer<Adam, double>,
};

}  // namespace chronograd::entries
