// SPDX-License-Identifier: Apache-2.0
// Who computes the groups of layers of a feed-forward net: --workers, --latency, --bandwidth.
#pragma once

#include <string>

#include "chronograd/train.hpp"
#include "verbs.hpp"

namespace chronograd {

class WorkerWords {
 public:
  void declare(CommandLine& line);
  /// True for --workers mpi: a process for each group.
  bool ranks() const { return workers_ == "mpi"; }
  /// Sets what was given. Throws Error (usage) for what cannot be, and for a recurrent net with any of it.
  void set(const Config& config, RunOptions& options) const;

 private:
  std::string workers_;
  double latency_ = 0, bandwidth_ = 0;
};

}  // namespace chronograd
