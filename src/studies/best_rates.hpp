// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/config.hpp"

namespace chronograd {

/// The rules, each with the settings that a sweep found best for it, written as in lists: `rflo(optimizer.lr=0.01)`.
/// Taken are axes of [optimizer] and [rule]; of other axes only combinations count that this configuration has too.
/// `rules` are names as in the sweep; none: all of the sweep. `warnings` gets what makes the comparison less fair: best
/// values at the end of their axis, jobs that were not run, seeds that are used again, another configuration. Throws
/// Error (usage) for a rule that the sweep does not have or did not finish, Error (data) for the folder.
std::vector<std::string> with_best_rates(const Config& config, const std::vector<std::string>& rules,
                                         const std::string& folder, const std::vector<std::uint64_t>& seeds,
                                         std::vector<std::string>& warnings);

}  // namespace chronograd
