// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/presets.hpp"

namespace chronograd {

/// The SHA-256 of preset_text(): what was judged is named by it.
std::string preset_hash(const Preset& preset);

}  // namespace chronograd
