// SPDX-License-Identifier: Apache-2.0
// RTRL for fixed sparse weights: the influence of weights that are there, on states that it can reach.
#include "base/blocks.hpp"
#include "rules/block_option.hpp"
#include "rules/local_trace.hpp"
#include "rules/pattern_blocks.hpp"
#include "rules/pattern_influence.hpp"
#include "rules/reach.hpp"

namespace chronograd::entries {
namespace {

template <class T>
std::unique_ptr<Rule<T>> make(const RuleSetup<T>& setup) {
  if (setup.stack.layers() == 1 && !setup.stack.layer(0).recurrent())  // one entry a weight and state, as in rtrl
    return std::make_unique<LocalTrace<T>>(setup, own_part(setup.stack));
  constexpr int any_number_of_hops = -1;
  InfluencePattern pattern = influence_pattern(setup.stack, setup.absent, any_number_of_hops, false);
  const double units = static_cast<double>(setup.stack.units()) * setup.stack.layers(),
               fan_in = static_cast<double>(pattern.connections.size()) / units;
  if (const int block = sparse_block(static_cast<int>(setup.options.integer("block")), setup.every, setup.stack.width(),
                                     setup.stack.rows(), fan_in);
      block > 1)
    return std::make_unique<PatternBlocks<T>>(setup, std::move(pattern), block);
  return std::make_unique<PatternInfluence<T>>(setup, std::move(pattern), true);
}

constexpr Option options[] = {
    block_option(
        "updates at short intervals: steps over which the influence is taken at once; 1: the textbook recursion, "
        "step by step, at any interval; 0: as many as the cost model finds best. The same numbers but for "
        "rounding"),
    reach_option,
    reach_by_option,
};

}  // namespace

extern const RuleRecord rule_sparse_rtrl;
const RuleRecord rule_sparse_rtrl = {
    .entry = {.name = "sparse_rtrl",
              .title = "real-time recurrent learning with fixed sparse weights",
              .formulae = "M_t = J_t M_{t-1} + Mbar_t,  dL_t/dtheta = c_t M_t",
              .text = "M has a column for each weight that is present and a row for each state that its influence can "
                      "ever reach, through all layers. The exact gradient; on a dense network it is rtrl. Where a unit "
                      "reads more than a few others M is taken over b steps at once (k = b), as in rtrl, with products "
                      "that are sparse as the weights are but for M's own; else step by step (b = 0, k = 1).",
              .cite = "menick2021practical",
              .options = options},
    .promise = Promise::exact,
    .memory = "r s + b (q d^2 / S + (S - q) d + S^2 R / d + d + n + w)",
    .time =
        "(1 - b / k) ((q r^2 / S + S r) s / k + (r + 1) s) + b / k (r^2 s / k + (1 + 1 / K) r s + "
        "(q d^2 / S + (S - q) d) (d + (k - K) / (2 K)) + S^2 R + R + (k + K) p / (2 K))",
    .at_once = true,
    .past_facing = true,
    .whitens = true,
    .look = "wine",
    .make_float = with_reach<float, make<float>>,
    .make_double = with_reach<double, make<double>>,
};

}  // namespace chronograd::entries
