// SPDX-License-Identifier: Apache-2.0
// The measured costs as a page with figures.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cost/cost_table.hpp"

namespace chronograd {

/// Log-log figures as SVG, by name (`time_d`): time and bytes against each variable.
std::vector<std::pair<std::string, std::string>> cost_figures(const std::vector<CostCurve>& curves);

/// The page in Markdown. Figures are `PREFIX_NAME.svg` beside it; `command` is what wrote it.
std::string cost_markdown(const std::vector<CostCurve>& curves, const std::string& prefix, const std::string& command);

}  // namespace chronograd
