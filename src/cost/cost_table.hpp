// SPDX-License-Identifier: Apache-2.0
// What the ways to sum a gradient cost, measured: time and memory against units, steps and density.
#pragma once

#include <string>
#include <vector>

#include "chronograd/observer.hpp"

namespace chronograd {

/// One measurement: a leaky network of d units (n = 8, m = 2), one stream, float32.
struct CostPoint {
  double x;          ///< what is varied
  double step_us;    ///< time of one step, forward pass to update
  double bytes;      ///< kept from step to step, with the states of the steps that are learnt from at once
  double counted;    ///< multiplications a step that the rule does, forward pass and readout apart; NaN: not counted
  double predicted;  ///< by the rule's record; NaN: it has none
};

/// One way against one variable, with the slopes in a log-log plot (least squares over all points).
struct CostCurve {
  std::string variable;  ///< d, T or density
  std::string method;    ///< as pages show it, with K; "double sum"
  std::string rule;      ///< whose colour it has
  std::string setting;   ///< the other sizes
  std::vector<CostPoint> points;
  double time, bytes, counted, predicted;  ///< slopes
  double time_in_theory, bytes_in_theory;  ///< the leading exponents of what the record states
};

/// What costs are measured against: d, T, density.
std::vector<std::string> cost_variables();

/// Measures the curves against `variables`, each point for at least `seconds`; `observer` hears a remark on each
/// curve before it. Throws Error (usage) for an unknown variable.
std::vector<CostCurve> measure_costs(const std::vector<std::string>& variables, double seconds, Observer* observer);

}  // namespace chronograd
