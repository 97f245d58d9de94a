// SPDX-License-Identifier: Apache-2.0
// What the numbers say, in sentences: the result, and what a reader should not overlook.
#pragma once

#include <string>
#include <vector>

#include "report/run_group.hpp"

namespace chronograd {

/// When a run counts as having learnt: accuracy 0.9, or nine tenths of the way from the first loss to the best one.
struct Criterion {
  std::string field;  ///< of the lines
  double threshold = 0;
  bool from_above = true;  ///< reached when at or below the threshold
  std::string text;        ///< `training loss 0.512`
};
Criterion criterion_for(const std::vector<RunGroup>& groups);
/// Time steps of a stream until the mean over the seeds meets it; NaN if it never does.
double steps_to(const Criterion& criterion, const RunGroup& group);

/// The result in one to four sentences.
std::string verdict_text(const std::vector<RunGroup>& groups);

/// Diverged and unfinished runs, runs without a final loss, overflowed gradients, few seeds, unequal budgets, best
/// settings at the edge of what was tried, runs of different tasks or machines, units that never move.
std::vector<std::string> warnings_of(const std::vector<RunGroup>& groups, const Records& records);

}  // namespace chronograd
