// SPDX-License-Identifier: Apache-2.0
#include "config/versions.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "base/text.hpp"
#include "chronograd/config.hpp"
#include "config/check_value.hpp"
#include "config/checker.hpp"
#include "config/entries.hpp"

namespace chronograd {
namespace {

using Numbers = std::array<std::int64_t, 3>;

/// The numbers of `major.minor.patch`, of which the last ones may be left out.
std::optional<Numbers> numbers_of(const std::string& word) {
  Numbers numbers{};
  const char *at = word.data(), *const end = at + word.size();
  for (std::int64_t& number : numbers) {
    const auto [stop, code] = std::from_chars(at, end, number);
    if (code != std::errc() || number < 0) return std::nullopt;
    if (stop == end) return numbers;
    if (*stop != '.') return std::nullopt;
    at = stop + 1;
  }
  return std::nullopt;
}

}  // namespace

void require_known_version(const Settings& settings) {
  const auto top = settings.tables.find("");
  if (top == settings.tables.end()) return;
  const auto given = top->second.find("version");
  if (given == top->second.end()) return;
  const std::string where = where_of(given->second.value_place, "version");
  const Value value = checked_value(where, *option_of(core_options(""), "version"), given->second.value);
  const auto& word = std::get<std::string>(value);
  const std::optional<Numbers> numbers = numbers_of(word);
  if (!numbers)
    throw Error(Exit::usage, where,
                "got " + quoted(word) + ", allowed is the version of a program, as \"" + version() + "\".");
  if (*numbers > *numbers_of(version()))
    throw Error(Exit::usage, where,
                "got a configuration for chronograd " + word + ", this is chronograd " + version() +
                    ". Use that version; without this line the file is read as far as this one understands it.");
}

}  // namespace chronograd
