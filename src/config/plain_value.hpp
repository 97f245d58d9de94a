// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "config/raw.hpp"

namespace chronograd {

/// The value that a default in an option table says, read without TOML: `true`, `16`, `0.5`, `"word"` without escapes,
/// or a list of such values; anything else is a word. For these it is what parse_value reads.
Raw plain_value(std::string_view text);

}  // namespace chronograd
