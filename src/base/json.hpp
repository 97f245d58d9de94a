// SPDX-License-Identifier: Apache-2.0
// JSON that comes from outside: folders of runs and sweeps may have been edited, cut, or made by something else.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "base/json_value.hpp"

namespace chronograd {

/// True if brackets are nested more than `most` deep. Programs that go through a value do so by recursion.
inline bool is_nested_deeper(std::string_view text, int most) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '{' || c == '[')) {
      if (++depth > most) return true;
    } else if (!quoted && (c == '}' || c == ']')) {
      --depth;
    }
  }
  return false;
}

/// The value of a JSON text; discarded (is_discarded()) for another text, and for one that is nested more than 100
/// deep.
inline Json json_of(std::string_view text) {
  return Json::read(is_nested_deeper(text, 100) ? std::string_view() : text);
}

/// A whole number in [low, high]; throws JsonError for another value.
template <class Number>
Number whole_number_in(const Json& json, Number low = 0, Number high = std::numeric_limits<Number>::max()) {
  if (json.is_number_unsigned()) {
    const auto value = json.get<std::uint64_t>();
    if (value <= static_cast<std::uint64_t>(high) && (low <= 0 || value >= static_cast<std::uint64_t>(low)))
      return static_cast<Number>(value);
  } else if (json.is_number_integer()) {
    const auto value = json.get<std::int64_t>();  // below 0: others are unsigned
    if (low < 0 && value >= static_cast<std::int64_t>(low)) return static_cast<Number>(value);
  }
  throw JsonError("is no whole number in its range");
}

}  // namespace chronograd
