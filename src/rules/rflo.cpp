// SPDX-License-Identifier: Apache-2.0
// Random-feedback local online learning: the influence keeps only the unit's own leak.
#include "rules/local_trace.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {reach_option, reach_by_option};

}  // namespace

extern const RuleRecord rule_rflo;
const RuleRecord rule_rflo = {
    .entry = {.name = "rflo",
              .title = "random-feedback local online learning",
              .formulae = "e_t[i,j] = A_t[i] e_{t-1}[i,j] + D_t[i] z_t[j],  g = sum_t c_t[i] e_t[i,j]",
              .text =
                  "A is what the cell's unit keeps of itself without recurrent weights: 1 - alpha (leaky), z (gru), f "
                  "on c and h through c (lstm); on cells whose units recur with themselves alone it is all of J, and "
                  "the rule is rtrl. With rule.feedback = \"random\" and the leaky cell it is the rule of the paper; "
                  "with alpha = 1 nothing is kept and it is the immediate rule. Its input trace uses x_t.\n"
                  "In a stack each layer has the rule to itself: credit passes down within the step (W_in^T gain^T c), "
                  "what a lower layer's past does to an upper layer is dropped.",
              .cite = "murray2019local,marschall2020unified",
              .options = options},
    .promise = Promise::biased,
    .limit = "W_rec = 0, or units recur with themselves alone, in one layer",
    .memory = "v p",
    .time = "(v^2 + v) p / K + (v + 1) p",
    .past_facing = true,
    .look = "orange",
    .make_float = with_reach<float, make_local_trace<float, Recurrent::none>>,
    .make_double = with_reach<double, make_local_trace<double, Recurrent::none>>,
};

}  // namespace chronograd::entries
