// SPDX-License-Identifier: Apache-2.0
// What takes long before the first step (reading files, drawing large matrices) can be seen and stopped.
#pragma once

#include <string>

namespace chronograd {

/// Somebody who is told how far it is.
class SetUpWatch {
 public:
  virtual ~SetUpWatch() = default;
  /// `share` of `what` is done. False: stop. Called every few milliseconds, by any thread.
  virtual bool progress(const std::string& what, double share) = 0;
};

/// Makes `watch` (null: nobody) the one who is told, and returns who was before. It must live until it is replaced.
SetUpWatch* watch_set_up(SetUpWatch* watch);

/// Tells it. For the loops of long work, every few milliseconds; cheap where nobody watches. Throws Error (interrupted)
/// if it says to stop.
void set_up_progress(const char* doing, const std::string& what, double share);

}  // namespace chronograd
