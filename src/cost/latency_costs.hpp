// SPDX-License-Identifier: Apache-2.0
// What a batch takes where groups of layers lie on two workers and messages between them take time: measured, beside a
// model of it.
#pragma once

#include <string>
#include <vector>

#include "cost/interface_costs.hpp"

namespace chronograd {

/// One way to train the net of InterfaceCostNet, a third of its layers on one worker and the rest on another.
struct LatencyCurve {
  std::string method;  ///< as in comparisons; "data parallel": two workers with half of each batch, by the model alone
  struct Point {
    double latency;   ///< of a message, ms
    double measured;  ///< ms a batch, a thread for each worker and messages that are held back; NaN: not measured
    double model;     ///< ms a batch
  };
  std::vector<Point> points;
  double pays_from;  ///< ms: from this latency on the model is below that of data parallel; infinite: from none
};

/// The latencies in ms, each >= 0. Each point is measured for at least `seconds`.
std::vector<LatencyCurve> measure_latencies(const InterfaceCostNet& net, const std::vector<double>& latencies,
                                            double seconds, Observer* observer);

/// A table, and what the model is.
std::string latency_text(const InterfaceCostNet& net, const std::vector<LatencyCurve>& curves);
/// Lines of the model and measured points, as SVG.
std::string latency_figure(const std::vector<LatencyCurve>& curves);

}  // namespace chronograd
