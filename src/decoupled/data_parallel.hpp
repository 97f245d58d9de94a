// SPDX-License-Identifier: Apache-2.0
// What decoupled learning is held against where work is shared: each worker has the whole net and a part of each batch.
#pragma once

#include <cstdint>

#include "chronograd/config.hpp"
#include "chronograd/run_result.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

struct DataParallelRun {
  std::int64_t updates;
  double seconds;  ///< of them, tests left out
  Score test;
};

/// Trains the net of `config` ([interface] is not read) by back-propagation on two threads. Each reads half as many
/// samples a batch, from an order of its own; then both send each other their gradients, in one message that takes
/// `latency` seconds, and step by the mean. Batch normalisation is of each half, and the first worker's running means
/// serve the test. Throws what train() would.
DataParallelRun train_data_parallel(const Config& config, const Task& task, double latency);

}  // namespace chronograd
