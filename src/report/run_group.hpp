// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "figures/look.hpp"
#include "figures/statistics.hpp"
#include "report/run_record.hpp"

namespace chronograd {

/// Runs that differ in nothing but their seed.
struct RunGroup {
  std::string label;  ///< the rule, with those of its settings that were given and with what tells it from other groups
                      ///< of the same rule: tbptt(L=20), rflo(optimizer.lr=0.01)
  std::string rule;   ///< rule.name, or interface.name
  Look look;
  std::vector<std::pair<std::string, std::string>> named;      ///< settings and values that the label names
  std::vector<std::pair<std::string, std::string>> differing;  ///< those of them in which groups of the rule differ
  std::vector<const RunRecord*> runs;                          ///< one a seed, in the order of the seeds
  std::vector<const RunRecord*> watched;  ///< runs of the same seeds beside other rules: for alignment alone
  /// What loss and accuracy are of: "test" if any run of all was tested, else "validation" if any validated, else
  /// "train".
  std::string loss_on = "train";
  Estimate loss{}, accuracy{};  ///< final ones; runs that diverged or were not measured are left out
  Estimate choice{};            ///< the losses that settings are chosen by: validation, else final ones
  int diverged = 0;
  int not_measured = 0;    ///< runs that are done and have no final loss
  double us_per_step = 0;  ///< NaN if no run says so
  double rule_bytes = 0;
  double cosine = 0;  ///< with the exact gradient, mean of the runs that measured it; NaN if none did

  /// "test loss", "validation loss" or "training loss".
  std::string loss_name() const { return (loss_on == "train" ? "training" : loss_on) + " loss"; }
  /// The first run that came to an end without diverging; null if there is none.
  const RunRecord* shown() const;
  /// All runs with lines of metrics, those for alignment included.
  std::vector<const RunRecord*> all() const;
};

/// Groups in the order of the runs. `records` must outlive them.
std::vector<RunGroup> group_runs(const Records& records);

/// The rule with the settings that the label names, but for this one.
std::string label_without(const RunGroup& group, const std::string& without);

/// True if `a` has a loss and `b` has none, or fewer of its runs diverged, or the loss that it is chosen by is lower:
/// in this order.
bool is_better(const RunGroup& a, const RunGroup& b);

/// The values that a setting takes in the groups, in ascending order where they are numbers.
std::vector<std::string> values_of(const std::vector<RunGroup>& groups, const std::string& key);

/// Positions of the best group of each rule, see is_better(): what is left of a sweep when one setting a rule is
/// wanted. Two settings of a rule's own, as n of snap, are two rules here, unless it is them that were swept. Groups
/// without a loss come in where a rule has no other.
std::vector<std::size_t> best_of_each_rule(const std::vector<RunGroup>& groups);

/// Sentences about the rules whose gradients overflowed in runs of a group: at how many comparisons in all.
std::vector<std::string> overflows_of(const RunGroup& group);

/// The least and the largest number of steps of data, of all streams together, of runs that are done; and whose.
struct Budgets {
  double least = INFINITY, most = 0;
  std::string least_label, most_label;
  bool unequal() const { return most > 1.01 * least; }
};
Budgets budgets_of(const std::vector<RunGroup>& groups);

/// A setting that differs within a rule and was therefore swept; "" if none was. `optimizer.lr` is preferred.
std::string swept_setting(const std::vector<RunGroup>& groups);

}  // namespace chronograd
