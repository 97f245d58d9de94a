// SPDX-License-Identifier: Apache-2.0
// What the interfaces of a feed-forward net cost, measured.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/observer.hpp"
#include "chronograd/task.hpp"
#include "chronograd/train.hpp"

namespace chronograd {

/// The net that is measured: layers of w units with batch normalisation, an interface above each unless there are
/// groups, float32.
struct InterfaceCostNet {
  int layers = 6, width = 256, inputs = 784, outputs = 10, batch = 64;
  std::vector<double> groups = {};  ///< net.groups
};

struct InterfaceCost {
  std::string method;              ///< as in comparisons: dni(lambda=0)
  double multiply_adds;            ///< of all interfaces, a sample, beside those of backprop: as the records state
  double counted;                  ///< the same, counted while it runs
  double bytes;                    ///< that the interfaces keep, optimisers included
  double step_us, cpu_us;          ///< of a batch
  double accuracy = not_measured;  ///< of test images; see train_interfaces()
};

/// What run(updates) returns, which has `seconds`, for so many updates that it takes `least` seconds: each time from
/// the start, so that what is warm then was made before.
template <class Run>
auto long_enough(double least, const Run& run) {
  std::int64_t updates = 8;
  auto result = run(updates);
  while (result.seconds < least) {
    updates =
        std::max(2 * updates, static_cast<std::int64_t>(1.2 * least / result.seconds * static_cast<double>(updates)));
    result = run(updates);
  }
  return result;
}

/// Random samples for the net, as many as a batch has.
std::unique_ptr<Task> random_samples(const InterfaceCostNet& net);
/// The configuration of a run on them of so many updates.
Config random_run(const InterfaceCostNet& net, const std::string& method, std::int64_t updates);
/// Such a run of at least `seconds`.
RunResult timed_run(const InterfaceCostNet& net, const std::string& method, double seconds,
                    const RunOptions& options = {});

/// What the records state of a net's interfaces together, a sample, beside backprop; NaN where one states nothing.
double stated_multiply_adds(const Config& config, const InterfaceCostNet& net);
/// Multiply-adds of a sample of a whole run's batches, counted. No other thread may compute.
double counted_multiply_adds(const InterfaceCostNet& net, const std::string& method);

/// Measures each, on one thread, for at least `seconds`; `observer` hears a remark on each before it.
std::vector<InterfaceCost> measure_interfaces(const InterfaceCostNet& net, double seconds, Observer* observer);

/// Backprop on 30,000 standardised images of Fashion-MNIST, three passes, seed 0.
Config image_run(const InterfaceCostNet& net);
/// Fills the accuracies of such runs. Throws Error (data) where the images are not found.
void train_interfaces(const InterfaceCostNet& net, std::vector<InterfaceCost>& costs, Observer* observer);

}  // namespace chronograd
