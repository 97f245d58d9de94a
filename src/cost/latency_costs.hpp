// SPDX-License-Identifier: Apache-2.0
// What a batch takes where groups of layers lie on two workers and messages between them take time: measured, beside
// what the protocol allows.
#pragma once

#include <string>
#include <vector>

#include "cost/interface_costs.hpp"

namespace chronograd {

/// One way to train the net of InterfaceCostNet, a third of its layers on one worker and the rest on another.
struct LatencyCurve {
  std::string method;  ///< as in comparisons; "data parallel": two workers with half of each batch
  struct Point {
    double latency;    ///< of a message, ms
    double measured;   ///< ms a batch, a thread for each worker and messages that are held back
    double simulated;  ///< ms a batch: how the parts of the work lie between the messages, from one thread's times
  };
  std::vector<Point> points;
  double pays_from;  ///< ms: the latency from which on it is simulated below data parallel; infinite: none
  double accuracy = not_measured;  ///< of test images; see train_ways()
};

/// The latencies in ms, each >= 0. Each point is measured for at least `seconds`.
std::vector<LatencyCurve> measure_latencies(const InterfaceCostNet& net, const std::vector<double>& latencies,
                                            double seconds, Observer* observer);
/// The protocol alone: `measured` are workers that sleep in place of work, a batch of all of it `batch` ms. Without
/// data parallel, which passes no messages between layers.
std::vector<LatencyCurve> measure_sleepers(const InterfaceCostNet& net, const std::vector<double>& latencies,
                                           double batch, Observer* observer);
/// Fills the accuracies: each way on 30,000 images of Fashion-MNIST, three passes, seed 0. No latency changes them.
/// Throws Error (data) where the images are not found.
void train_ways(const InterfaceCostNet& net, std::vector<LatencyCurve>& curves, Observer* observer);

}  // namespace chronograd
