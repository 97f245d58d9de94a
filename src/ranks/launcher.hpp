// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "ranks/world.hpp"

namespace chronograd {

/// What started this process, by the variables that it sets.
struct Launcher {
  std::string name;           ///< for messages: "mpirun", "srun"; "" where nothing is known
  int tasks = 1, number = 0;  ///< processes that it started, and which of them this is
};
Launcher launcher();

/// Throws Error (usage) in one of several processes of a launcher: each would do the whole of `what` for itself.
void refuse_copies(const std::string& what);

/// The ranks that the launcher has started, by MPI, whose module is loaded now. Throws Error (usage) where the module
/// is missing, where MPI does not begin, or where it sees another number of ranks than the launcher has started.
std::unique_ptr<World> open_world(double timeout);

}  // namespace chronograd
