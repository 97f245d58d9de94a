// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "report/html.hpp"
#include "report/run_group.hpp"
#include "report/verdict.hpp"

namespace chronograd {

/// One row a group: loss, accuracy, steps to the criterion, cost, cosine, seeds.
HtmlTable headline_table(const std::vector<RunGroup>& groups, const Criterion& criterion);
/// Settings that are not the same in all groups. Empty rows if all are.
HtmlTable difference_table(const std::vector<RunGroup>& groups);
/// Processor, version and the like, one row each; values that differ are listed.
HtmlTable environment_table(const std::vector<RunGroup>& groups);

/// All runs, one line each, with their numbers.
std::string runs_csv(const std::vector<RunGroup>& groups);
/// All lines of metrics of all runs; every k-th of each run where the text would be longer than `most_bytes`.
std::string lines_csv(const std::vector<RunGroup>& groups, std::size_t most_bytes, bool& thinned);

}  // namespace chronograd
