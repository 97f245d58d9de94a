// SPDX-License-Identifier: Apache-2.0
#include "optimizers/adam_family.hpp"

namespace chronograd::entries {
namespace {
template <class T>
using AdamW = AdamFamily<T, true>;
}  // namespace

extern const OptimizerRecord optimizer_adamw;
const OptimizerRecord optimizer_adamw = {
    .entry = {.name = "adamw",
              .title = "Adam with decoupled weight decay",
              .formulae = "theta <- (1 - lr weight_decay) theta",
              .text = "Then Adam's step. All parameters decay, biases too, as in PyTorch.",
              .cite = "loshchilov2019decoupled",
              .options = adam_options},
    .make_float = make_optimizer<AdamW, float>,
    .make_double = make_optimizer<AdamW, double>,
};

}  // namespace chronograd::entries
