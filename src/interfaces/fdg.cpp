// SPDX-License-Identifier: Apache-2.0
#include "chronograd/interface.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {
    {.key = "beta",
     .type = OptionType::number,
     .fallback = "0.5",
     .low = 0,
     .high = 1,
     .help = "factor of the gradient at each interface that it comes down through"},
};

}  // namespace

extern const InterfaceRecord interface_fdg;
const InterfaceRecord interface_fdg = {
    .entry = {.name = "fdg",
              .title = "delayed gradients, shrunk at each interface",
              .formulae = "d_k = beta d_{k+1} F_{k+1}",
              .symbols = "d_k: what group k learns from\n"
                         "F_k: slope of group k, dh_k/dh_{k-1}, of the weights at hand\n"
                         "beta: a factor",
              .text = "As delayed; lower groups, whose gradients are the oldest, take shorter steps.",
              .cite = "zhuang2021fully",
              .options = options},
    .listens = true,
    .lags = true,
    .time = "0",
};

}  // namespace chronograd::entries
