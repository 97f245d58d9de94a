// SPDX-License-Identifier: Apache-2.0
// Verbs that several processes may share: --ranks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "ranks/world.hpp"
#include "verbs.hpp"

namespace chronograd {

/// The words of a verb that say so.
class RankWords {
 public:
  /// `shared`: what the processes share, for the help text.
  void declare(CommandLine& line, const std::string& shared);
  /// As if --ranks had been given.
  void ask() { asked_ = true; }
  double timeout() const { return timeout_; }  ///< seconds
  /// Does `work` in this process: of a launcher's processes, which are refused unless ranks are asked for, each calls
  /// it with the world that they make up; else it is called with null. All but the first one are quiet. An error at any
  /// of them ends all, with its exit code.
  int run(const Common& common, const std::string& verb,
          const std::function<int(const Common& common, World* world)>& work) const;

 private:
  bool asked_ = false;
  double timeout_ = 60;
};

/// Throws Error (usage) where ranks share runs that are recorded nowhere, or are told how many to run at a time.
void require_ranks_folder(const World* world, const std::string& out, std::int64_t jobs);

/// True where results are printed.
inline bool prints(const World* world) {
  return world == nullptr || world->first();
}

}  // namespace chronograd
