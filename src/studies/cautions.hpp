// SPDX-License-Identifier: Apache-2.0
// What a table of rules must say beside its numbers, so that it does not mislead.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/method.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// A row of a table and the experiment that it is about.
struct NamedConfig {
  std::string label;
  Config config;
};

/// The rule that the configuration's rule comes to: what it learns is then the same, but for the order of sums. Two
/// configurations with one text here, and the same settings apart from the rule's, are one experiment. From the rules'
/// definitions: tbptt(L=1), and rflo where units keep nothing of themselves (leaky, alpha = 1), are immediate; eprop is
/// rflo; where units recur with themselves alone rflo and snap are rtrl; over whole rows bptt is rtrl, f_bptt is
/// rolling_tbptt, and dni_window, which then has one window, is rtrl, too.
std::string rule_in_effect(const Config& config);

/// A sentence about each set of rows whose rules are one rule here; rows that differ in other settings than the rule's
/// are named as well. Each has `one_rule` in it.
std::vector<std::string> coinciding_rules(const std::vector<NamedConfig>& rows);
constexpr const char* one_rule = " are one rule here";

/// A sentence that says so if all rules of a comparison share one learning rate that none of them was given; else "".
std::string untuned_rate(const std::vector<Method>& methods, const std::vector<Config>& configs);

/// How much data a row's runs saw: the least and most steps of all streams together; 0: not known.
struct AmountOfData {
  std::string label;
  std::int64_t least = 0, most = 0;
  /// Counts a run; 0: not known, as of earlier versions.
  void add(std::int64_t steps) {
    if (steps <= 0) return;
    least = most == 0 ? steps : std::min(least, steps);
    most = std::max(most, steps);
  }
};
/// A sentence with the steps of each row if they differ by more than 1 %, "" if not. It begins with `unequal_data`.
std::string unequal_amounts(const std::vector<AmountOfData>& rows);
constexpr const char* unequal_data = "Unequal data: ";

/// `nothing learnt yet: 100 steps end at 0.512, above constant output (0.5)`, "" if the loss is not above. `steps`: of
/// a stream; 0: not known.
std::string nothing_learnt(double loss, const Reference& floor, std::int64_t steps);

}  // namespace chronograd
