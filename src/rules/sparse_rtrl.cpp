// SPDX-License-Identifier: Apache-2.0
// RTRL for fixed sparse weights: the influence of weights that are there, on states that it can reach.
#include "rules/local_trace.hpp"
#include "rules/pattern_influence.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  if (setup.stack.layers() == 1 && !setup.stack.layer(0).recurrent())  // one entry a weight and state, as in rtrl
    return std::make_unique<LocalTrace<T>>(setup, own_part(setup.stack));
  constexpr int any_number_of_hops = -1;
  return std::make_unique<PatternInfluence<T>>(
      setup, influence_pattern(setup.stack, setup.absent, any_number_of_hops, false), true);
}

constexpr Option options[] = {reach_option, reach_by_option};

}  // namespace

extern const RuleRecord rule_sparse_rtrl;
const RuleRecord rule_sparse_rtrl = {
    .entry = {.name = "sparse_rtrl",
              .title = "real-time recurrent learning with fixed sparse weights",
              .formulae = "M_t = J_t M_{t-1} + Mbar_t,  dL_t/dtheta = c_t M_t",
              .text = "M has a column for each weight that is present and a row for each state that its influence can "
                      "ever reach, through all layers. The exact gradient; on a dense network it is rtrl.",
              .cite = "menick2021practical",
              .options = options},
    .promise = Promise::exact,
    .memory = "r s",
    .time = "(q r^2 / S + S r) s / k + (r + 1) s",
    .past_facing = true,
    .look = "wine",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
