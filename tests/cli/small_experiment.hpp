// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>

#include "folder.hpp"

namespace chronograd {

/// A small experiment in the folder, as a path.
inline std::string write_experiment(const Folder& folder, int updates = 300) {
  const std::string path = folder / "small.toml";
  std::ofstream(path) << "[model]\ncell = 'leaky'\nhidden = 6\n[loss]\nname = 'cross_entropy'\n[rule]\nname = 'rflo'\n"
                         "[update]\nevery = 1\n[optimizer]\nlr = 0.05\n[task]\nname = 'add'\n[train]\nupdates = "
                      << updates << "\ntest_steps = 200\n";
  return path;
}

/// The same as a word for the shell.
inline std::string experiment(const Folder& folder, int updates = 300) {
  return "'" + write_experiment(folder, updates) + "'";
}

/// --out and a path in the folder.
inline std::string out(const Folder& folder, const std::string& name) {
  return " --out '" + (folder / name).string() + "'";
}

}  // namespace chronograd
