// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/run_result.hpp"

namespace chronograd {

/// What its user should know of how a run ended: patience, a loss that was not measured, time spent waiting.
std::vector<std::string> remarks_on(const RunResult& result);

}  // namespace chronograd
