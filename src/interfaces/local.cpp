// SPDX-License-Identifier: Apache-2.0
#include "chronograd/interface.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {
    {.key = "head_hidden",
     .type = OptionType::integer,
     .fallback = "0",
     .low = 0,
     .high = 1e6,
     .unit = "units",
     .help = "of a hidden layer of the head; 0: the head is linear"},
};

}  // namespace

extern const InterfaceRecord interface_local;
const InterfaceRecord interface_local = {
    .entry = {.name = "local",
              .title = "a readout of each group's own, and its loss (decoupled greedy learning)",
              .formulae = "d_k = dL(R_k(h_k), y*)/dh_k",
              .symbols = "d_k: what group k learns from\n"
                         "R_k: a readout of its own, which learns by the same loss\n"
                         "h_k: output of group k",
              .text = "Nothing comes down, so nothing is waited for and nothing is stale. It costs less than "
                      "back-propagation and is the baseline that synthetic gradients have to beat.",
              .cite = "nokland2019training,belilovsky2020decoupled",
              .options = options},
    .guesses = true,
};

}  // namespace chronograd::entries
