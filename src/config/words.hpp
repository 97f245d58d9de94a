// SPDX-License-Identifier: Apache-2.0
// The words of the command line: `table.key=value`.
#pragma once

#include <string>
#include <vector>

#include "chronograd/option.hpp"
#include "config/raw.hpp"

namespace chronograd {

struct Override {
  std::string table, key;
  Raw value;
};

/// True for names that can be keys without quotes; more is not needed here.
bool is_key(const std::string& text);

/// Throws Error (usage) for anything but `key=value` and `table.key=value`.
Override parse_override(const std::string& text);

/// A value as TOML, which is also how it can be written after the = of a word.
std::string toml_text(const Value& value);

/// `key=word` that reads back as this word whatever is in it: blanks at its ends, quotes.
std::string word_override(const std::string& key, const std::string& word);

}  // namespace chronograd
