// SPDX-License-Identifier: Apache-2.0
// The order in which workers pass messages, without what they compute: from the seconds of their parts to those of a
// batch.
#pragma once

#include <vector>

namespace chronograd {

/// What one worker does with a batch (src/decoupled/worker.hpp), in seconds each, by K workers from the lowest to the
/// uppermost.
struct WorkerTimes {
  double forward;  ///< until its activations are sent up
  double learn;    ///< what it then does at once, at whose end a gradient may be sent down
  double take;     ///< what it does once a gradient has come from above, likewise; of the uppermost worker nothing
};

struct Protocol {
  std::vector<WorkerTimes> workers;
  bool listens = true;   ///< gradients are sent down at all
  bool at_once = false;  ///< by all workers after `learn`, not by the uppermost alone; the others wait for them then
  int lag = 0;           ///< batches: interface.lag
};

/// Seconds a batch that it takes in the fixed order, messages taking `latency` seconds, over so many batches and what
/// is under way after the last: each worker begins a part when it is done with the one before and the message is there.
double simulated_batch(const Protocol& protocol, double latency, int batches);

/// The same, measured: a thread for each worker, which sleeps as long as its parts take, between real edges.
double slept_batch(const Protocol& protocol, double latency, int batches);

}  // namespace chronograd
