// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "report/run_record.hpp"
#include "reporting/statistics.hpp"
#include "reporting/svg/look.hpp"

namespace chronograd {

/// Runs that differ in nothing but their seed.
struct RunGroup {
  std::string label;  ///< the rule, with what tells it from other groups of the same rule: rflo(optimizer.lr=0.01)
  std::string rule;   ///< rule.name
  Look look;
  std::vector<std::pair<std::string, std::string>> differing;  ///< settings and values that the label names
  std::vector<const RunRecord*> runs;                          ///< one a seed, in the order of the seeds
  std::vector<const RunRecord*> watched;  ///< runs of the same seeds beside other rules: for alignment alone
  Interval loss{}, accuracy{};            ///< final ones; diverged runs are left out
  int diverged = 0;
  double us_per_step = 0;  ///< NaN if no run says so
  double rule_bytes = 0;
  double cosine = 0;  ///< with the exact gradient, mean of the runs that measured it; NaN if none did

  /// The first run that came to an end without diverging; null if there is none.
  const RunRecord* shown() const;
  /// All runs with lines of metrics, those for alignment included.
  std::vector<const RunRecord*> all() const;
};

/// Groups in the order of the runs. `records` must outlive them.
std::vector<RunGroup> group_runs(const Records& records);

/// The values that a setting takes in the groups, in ascending order where they are numbers.
std::vector<std::string> values_of(const std::vector<RunGroup>& groups, const std::string& key);

/// Positions of the group with the least final loss of each rule: what is left of a sweep when one setting a rule is
/// wanted. Groups that only diverged come in where a rule has no other.
std::vector<std::size_t> best_of_each_rule(const std::vector<RunGroup>& groups);

/// A setting that differs within a rule and was therefore swept; "" if none was. `optimizer.lr` is preferred.
std::string swept_setting(const std::vector<RunGroup>& groups);

}  // namespace chronograd
