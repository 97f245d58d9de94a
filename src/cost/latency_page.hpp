// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cost/latency_costs.hpp"

namespace chronograd {

/// A table, and what its numbers are.
std::string latency_text(const InterfaceCostNet& net, const std::vector<LatencyCurve>& curves);
/// Lines of the simulation and measured points, as SVG.
std::string latency_figure(const std::vector<LatencyCurve>& curves);
/// A page in Markdown that shows `figure`, a file beside it, and names `command`; `sleepers` may be empty.
std::string latency_markdown(const InterfaceCostNet& net, const std::vector<LatencyCurve>& curves,
                             const std::vector<LatencyCurve>& sleepers, double sleepers_batch,
                             const std::string& figure, const std::string& command);

}  // namespace chronograd
