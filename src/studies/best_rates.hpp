// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/method.hpp"

namespace chronograd {

/// The methods, each with the settings that a sweep found best for it, `rflo(optimizer.lr=0.01)`. Taken are axes of
/// [optimizer] and of the method's own table; of other axes only combinations count that this configuration has too.
/// `methods` are those of the sweep; none: all of the sweep. `warnings` gets what makes the comparison less fair: best
/// values at the end of their axis, jobs that were not run, seeds that are used again, another configuration. Throws
/// Error (usage) for a method that the sweep does not have or did not finish, Error (data) for the folder.
std::vector<Method> with_best_rates(const Config& config, const std::vector<Method>& methods, const std::string& folder,
                                    const std::vector<std::uint64_t>& seeds, std::vector<std::string>& warnings);

}  // namespace chronograd
