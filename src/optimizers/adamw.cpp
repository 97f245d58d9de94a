// SPDX-License-Identifier: Apache-2.0
#include "optimizers/adam_family.hpp"

namespace chronograd::entries {
namespace {
template <class T>
using AdamW = AdamFamily<T, true>;
}  // namespace

extern const OptimizerRecord optimizer_adamw;
const OptimizerRecord optimizer_adamw = {
    {"adamw", "Adam with decoupled weight decay",
     "theta *= 1 - lr weight_decay, then Adam's step. All parameters decay, biases too, as in PyTorch.",
     "loshchilov2019decoupled", adam_options},
    make_optimizer<AdamW, float>,
    make_optimizer<AdamW, double>};

}  // namespace chronograd::entries
