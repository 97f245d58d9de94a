// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "chronograd/compare.hpp"

namespace chronograd {

/// Throws Error (usage) if a comparison.json is about other rules or seeds, Error (data) if it is none. `path`: its.
void require_same_comparison(const std::string& path, const std::string& begun, const Comparison& comparison);

}  // namespace chronograd
