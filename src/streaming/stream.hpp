// SPDX-License-Identifier: Apache-2.0
// A learner on a stream of lines: a step in, a prediction out.
#pragma once

#include <functional>
#include <string>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"

namespace chronograd {

struct StreamOptions {
  int inputs = 0, outputs = 0, delay = 0;
  bool binary = false;  ///< records of float32 instead of lines
  bool learn = true;
  bool scale = false;                  ///< inputs to mean 0 and deviation 1 of all so far
  std::string state;                   ///< file to begin from, where there is one, and to end with; "": none
  const Arrays* parameters = nullptr;  ///< where to begin; null: drawn from the seed
};

/// Where numbers come from and go to.
struct StreamEnds {
  int file = 0;                                   ///< descriptor that is read
  std::string name = "stdin";                     ///< of the input, for messages
  std::function<bool(const std::string&)> write;  ///< passes on what it gets; false: the reader has gone
  std::function<bool()> stop;                     ///< asked at each step; true ends the stream as its end does
};

struct StreamResult {
  std::int64_t steps = 0, targets = 0, updates = 0;  ///< of this run
  double loss = 0;                                   ///< mean over its targets; NaN without
  bool diverged = false, stopped = false;            ///< stopped: `stop` was true
  bool gone_on = false;                              ///< from a state
};

/// Runs until the input ends, `stop` says so, nobody reads, or a number is not finite; then writes the state (but not
/// one that is not finite). Throws Error (data) for input that cannot be read; the state is then that of the steps
/// before it.
StreamResult run_stream(const Config& config, const StreamOptions& options, const StreamEnds& ends);

}  // namespace chronograd
