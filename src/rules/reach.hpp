// SPDX-License-Identifier: Apache-2.0
// Credit that goes back a number of steps, exactly, before a rule's memory is asked:
//   g_t = sum_{i<k} c^i Mbar_{t-i} + c^k T_{t-k},   c^0 = c_t,  c^{i+1} = c^i J_{t-i},
// with k = rule.reach, or as many steps as there are, and T the memory of the rule (of exact rtrl: M). J and Mbar are
// those of their own step, made with the weights of then. (docs/decisions/52-reach.md)
#pragma once

#include <memory>

#include "chronograd/rule.hpp"

namespace chronograd {

/// The settings of reach, for the end of a rule's own.
inline constexpr Option reach_option = {
    .key = "reach",
    .type = OptionType::integer,
    .fallback = "0",
    .low = 0,
    .high = 1e6,
    .unit = "steps",
    .help = "steps that credit goes back exactly before the rule's memory is asked; 0: none, the rule as it is"};
inline constexpr Option reach_by_option = {
    .key = "reach_by",
    .type = OptionType::word,
    .fallback = "\"step\"",
    .help =
        "what goes back together: the credit of a step, or that of all steps of an update interval, from its end "
        "(reach is at least update.every)",
    .choices = "step|interval"};

/// For a rule without a memory, after reach and in place of reach_by: the third way draws how far each credit goes,
///   g_t = sum_{i<=N} c^i Mbar_{t-i} / P(N >= i),   P(N >= i) = 1 for i <= sure, keep^(i - sure) beyond, N <= reach,
/// whose mean is the gradient with this reach, and whose variance is
///   sum_{i>sure} (1/P(N >= i) - 1/P(N >= i-1)) |what comes from i steps back and more|^2.
inline constexpr Option roulette_options[] = {
    {.key = "reach_by",
     .type = OptionType::word,
     .fallback = "\"step\"",
     .help = "what goes back together: the credit of a step, or that of all steps of an update interval, from its end "
             "(reach is at least update.every); roulette: that of a step, as far as is drawn, reach at most, and "
             "without a bias towards what is near",
     .choices = "step|interval|roulette"},
    {.key = "sure",
     .type = OptionType::integer,
     .fallback = "4",
     .low = 0,
     .high = 1e6,
     .unit = "steps",
     .help = "roulette: steps that every credit goes back"},
    {.key = "keep",
     .type = OptionType::number,
     .fallback = "0.9",
     .low = 0,
     .high = 1,
     .help =
         "roulette: how likely it is that credit goes back one more step, which then counts 1/keep times; below the "
         "square of the factor by which influence fades the variance has no bound",
     .low_is_excluded = true},
};

/// A maker, as records have it.
template <class T>
using RuleMaker = std::unique_ptr<Rule<T>> (*)(const RuleSetup<T>&);

/// The rule that `make` makes, behind the reach of the [rule] table (at least 1). Throws Error (usage) where `reach_by`
/// and the update interval do not go together.
template <class T>
std::unique_ptr<Rule<T>> make_reach(const RuleSetup<T>& setup, RuleMaker<T> make);

/// The maker of a rule whose settings end with those of reach, `make` being that of the rule itself.
template <class T, RuleMaker<T> make>
std::unique_ptr<Rule<T>> with_reach(const RuleSetup<T>& setup) {
  return setup.options.integer("reach") == 0 ? make(setup) : make_reach(setup, make);
}

}  // namespace chronograd
