// SPDX-License-Identifier: Apache-2.0
// No credit through time: each step's weights answer for that step's loss alone.
#include "rules/reach.hpp"
#include "rules/segment_scan.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {reach_option, roulette_options[0], roulette_options[1], roulette_options[2]};

}  // namespace

extern const RuleRecord rule_immediate;
const RuleRecord rule_immediate = {
    .entry = {.name = "immediate",
              .title = "immediate gradient, no credit through time",
              .formulae = "g = sum_t c_t Mbar_t",
              .text = "dL_t/dtheta_t alone. The floor below which no temporal credit is assigned.",
              .cite = "marschall2020unified",
              .options = options},
    .promise = Promise::biased,
    .limit = "T = 1",
    .memory = "0",
    .time = "p",
    .at_once = true,
    .past_facing = true,
    .whitens = true,
    .look = "plum",
    .make_float = with_reach<float, make_segment_scan<float, false>>,
    .make_double = with_reach<double, make_segment_scan<double, false>>,
};

}  // namespace chronograd::entries
