// SPDX-License-Identifier: Apache-2.0
// Sparse n-step approximation of RTRL: entries of the influence that are zero after n steps are kept at zero.
#include "rules/local_trace.hpp"
#include "rules/pattern_influence.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

constexpr Option options[] = {
    {.key = "n",
     .type = OptionType::integer,
     .fallback = "1",
     .low = 1,
     .high = 1e6,
     .unit = "steps",
     .help = "how many steps an influence may take to be kept; 1 keeps a unit's effect on itself"},
    {.key = "pattern",
     .type = OptionType::word,
     .fallback = "\"unit\"",
     .help = "what the first step reaches: all states of a unit, or those that the weight moves at once",
     .choices = "unit|strict"},
    reach_option,
    reach_by_option,
};

/// Whether some pre-activation moves a part of its unit's states only.
template <class T>
bool strict_differs(const Cell<T>& cell) {
  const unsigned all = (1U << cell.states()) - 1;
  for (int gate = 0; gate < cell.gates(); ++gate)
    if ((cell.layout().moves[gate] & all) != all) return true;
  return false;
}

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  const auto n = static_cast<int>(setup.options.integer("n"));
  const bool strict = setup.options.word("pattern") == "strict" && strict_differs(setup.stack.layer(0));
  if (n == 1 && !strict) return make_local_trace<T, Recurrent::own>(setup);
  return on_each_layer(setup, [=](const RuleSetup<T>& one) -> std::unique_ptr<Rule<T>> {
    return std::make_unique<PatternInfluence<T>>(one, influence_pattern(one.stack, one.absent, n - 1, strict), false);
  });
}

}  // namespace

extern const RuleRecord rule_snap;
const RuleRecord rule_snap = {
    .entry = {.name = "snap",
              .title = "SnAp-n, sparse n-step approximation of RTRL",
              .formulae = "M_t = P_n * (J_t M_{t-1} + Mbar_t)\n"
                          "n = 1: e_t[i,j] = (A_t[i] + D_t[i] W_rec[i,i]) e_{t-1}[i,j] + D_t[i] z_t[j]",
              .symbols = "P: 1 for each state that a weight reaches in n steps, 0 for the others",
              .text = "Influence outside the pattern P_n, which a weight reaches in n steps, is dropped. Present "
                      "weights alone count. On gated cells (gru, lstm) W_rec is all recurrent weights of a unit. On "
                      "cells with several states a unit, pattern = \"unit\" keeps all of them for every weight into "
                      "it, \"strict\" those that the weight moves in its own step (lstm: the o gate h alone).\n"
                      "In a stack each layer has the rule to itself: credit passes down within the step (W_in^T gain^T "
                      "c), what a lower layer's past does to an upper layer is dropped.",
              .cite = "menick2021practical",
              .options = options},
    .promise = Promise::biased,
    .limit = "n steps reach all that can be reached (n = 1: W_rec diagonal, n = 2: W_rec dense), in one layer",
    .memory = "r s",
    .time = "(q r^2 / S + (1 - q) (r - S) + S r) s / k + (r + 1) s",
    .at_once = true,
    .past_facing = true,
    .whitens = true,
    .look = "green",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
