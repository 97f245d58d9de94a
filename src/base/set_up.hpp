// SPDX-License-Identifier: Apache-2.0
// What takes long before the first step (reading files, drawing large matrices) can be seen and stopped.
#pragma once

#include <string>

namespace chronograd {

/// Receives the progress of long preparations.
class SetUpWatch {
 public:
  virtual ~SetUpWatch() = default;
  /// `share` of `what` is done. False: stop. Called every few milliseconds, by any thread.
  virtual bool progress(const std::string& what, double share) = 0;
};

/// Makes `watch` (null: none) the receiver, and returns the one before. It must live until it is replaced.
SetUpWatch* watch_set_up(SetUpWatch* watch);

/// Reports progress. To be called every few milliseconds in long loops; cheap where there is no receiver. Throws Error
/// (interrupted) if it says to stop.
void set_up_progress(const char* doing, const std::string& what, double share);

}  // namespace chronograd
