// SPDX-License-Identifier: Apache-2.0
// Rows that are held out of training, to choose weights and settings by.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chronograd/task.hpp"

namespace chronograd {

/// The numbers 0 ... rows - 1 in two parts, each in order: floor(share * rows) of them, drawn from the seed, are the
/// second. Throws Error (usage) with `key` for a share that leaves one part empty.
std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>> held_out(std::int64_t rows, double share,
                                                                         std::uint64_t seed, const std::string& key);

/// The task with rows to validate on (Task::validation): of a task with a number of rows, those that held_out draws,
/// which are no training rows any more; of one that draws its rows fresh ones, like those of a test. Throws Error
/// (usage) with `key` for a task that has neither.
std::unique_ptr<Task> with_validation(std::unique_ptr<Task> task, double share, std::uint64_t seed,
                                      const std::string& key);

}  // namespace chronograd
