// SPDX-License-Identifier: Apache-2.0
// All catalogues seen alike: what `list` and `describe` walk through.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "chronograd/catalogue.hpp"
#include "chronograd/rule.hpp"

namespace chronograd {

/// An entry and what its kind says about it beyond its text.
struct View {
  const Entry* entry;
  std::string mark;                                        ///< a word or two for lists, or ""
  std::vector<std::pair<std::string, std::string>> facts;  ///< label, text
  const RuleRecord* rule = nullptr;                        ///< of a rule
};

/// exact, unbiased or biased.
const char* word_of(Promise promise);
/// What a rule takes as one segment: any, interval or row.
const char* word_of(Segments segments);

struct Kind {
  const char* name;    ///< rule
  const char* plural;  ///< rules
  const char* table;   ///< the table of the configuration that holds its options
  const char* key;     ///< the key that names an entry; "" for what no configuration names
  std::vector<View> (*views)();
  const char* command = "";  ///< what takes the name where there is no key
};

/// The kinds in the order of the help text.
const std::vector<Kind>& kinds();
/// The kind of this name, singular or plural; throws Error (usage) with the nearest name.
const Kind& find_kind(const std::string& where, const std::string& name);

/// Settings as a table of text lines, each beginning with two blanks; "" for none.
std::string options_text(std::span<const Option> options);
/// The text with `indent` before each line and long lines broken at blanks.
std::string wrapped(const std::string& text, const std::string& indent, std::size_t width = 100);

}  // namespace chronograd
