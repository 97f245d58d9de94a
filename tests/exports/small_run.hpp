// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>

#include "cli/run_program.hpp"

namespace chronograd {

/// Trains for two updates in the folder's `run`; `changes` are words for the shell.
inline Outcome train_small(const Folder& folder, const std::string& changes) {
  std::ofstream(folder / "c.toml")
      << "[model]\ncell='leaky'\nhidden=3\n[loss]\nname='mse'\n[rule]\nname='bptt'\n[task]\nname='sine'\n"
         "[train]\nupdates=2\n";
  return run_in(folder, "train c.toml --quiet --out run " + changes);
}

}  // namespace chronograd
