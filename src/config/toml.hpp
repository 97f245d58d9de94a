// SPDX-License-Identifier: Apache-2.0
// Settings as TOML: whole texts, and values of `key=value` words.
#pragma once

#include <string>
#include <string_view>

#include "config/raw.hpp"

namespace chronograd {

/// "is not TOML: ...", with what the parser says, on one line.
std::string toml_mistake(std::string_view description);
/// Reads TOML. Throws Error (usage) for mistakes in the syntax, tables inside tables and lists of lists.
Settings read_settings(const std::string& text, const std::string& name);
/// The value of a `key=value` word: a TOML value; a list whose words may stand without quotes; else the text is a word.
Raw parse_value(const std::string& text);

}  // namespace chronograd
