// SPDX-License-Identifier: Apache-2.0
// E-prop's reading of a rate or gated cell: the eligibility trace of a weight is carried by the unit's own states
// alone.
#include "rules/local_trace.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {reach_option, reach_by_option};

}  // namespace

extern const RuleRecord rule_eprop;
const RuleRecord rule_eprop = {
    .entry = {.name = "eprop",
              .title = "e-prop, eligibility propagation",
              .formulae = "e_t[i,j] = A_t[i] e_{t-1}[i,j] + D_t[i] z_t[j],  g = sum_t c_t[i] e_t[i,j]",
              .text = "The learning signal c is that of the readout, the trace that of the unit: leak (leaky), z "
                      "(gru), f on c and h through c (lstm). On these cells it is the same as rflo: "
                      "the filter of a leaky readout is one of the unit's own states.\n"
                      "In a stack each layer has the rule to itself: credit passes down within the step (W_in^T gain^T "
                      "c), what a lower layer's past does to an upper layer is dropped.",
              .cite = "bellec2020solution",
              .options = options},
    .promise = Promise::biased,
    .limit = "W_rec = 0, or units recur with themselves alone, in one layer",
    .memory = "v p",
    .time = "(v^2 + v) p / K + (v + 1) p",
    .at_once = true,
    .past_facing = true,
    .whitens = true,
    .look = "mauve",
    .make_float = with_reach<float, make_local_trace<float, Recurrent::none>>,
    .make_double = with_reach<double, make_local_trace<double, Recurrent::none>>,
};

}  // namespace chronograd::entries
