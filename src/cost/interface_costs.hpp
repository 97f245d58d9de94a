// SPDX-License-Identifier: Apache-2.0
// What the interfaces of a feed-forward net cost, measured.
#pragma once

#include <string>
#include <vector>

#include "chronograd/observer.hpp"
#include "chronograd/train.hpp"

namespace chronograd {

/// The net that is measured: layers of w units with batch normalisation, an interface above each unless there are
/// groups, float32.
struct InterfaceCostNet {
  int layers = 6, width = 256, inputs = 784, outputs = 10, batch = 64;
  std::vector<double> groups = {};  ///< net.groups
};

struct InterfaceCost {
  std::string method;      ///< as in comparisons: dni(lambda=0)
  double multiply_adds;    ///< of all interfaces, a sample, beside forward pass, readout and what the groups do with a
                           ///< gradient that is there: as counted by hand; NaN: not counted
  double bytes;            ///< that the interfaces keep, optimisers included
  double step_us, cpu_us;  ///< of a batch
};

/// A run of the net under a method, on random samples, of so many updates that it takes `seconds`.
RunResult timed_run(const InterfaceCostNet& net, const std::string& method, double seconds,
                    const RunOptions& options = {});

/// Measures each, on one thread, for at least `seconds`; `observer` hears a remark on each before it.
std::vector<InterfaceCost> measure_interfaces(const InterfaceCostNet& net, double seconds, Observer* observer);

}  // namespace chronograd
