// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "chronograd/export.hpp"
#include "chronograd/option.hpp"

namespace chronograd {

/// What every catalogue record begins with. Records are constants; program, tests, benchmarks and pages are loops
/// over catalogues.
struct Entry {
  const char* name;                 ///< the word users write
  const char* title;                ///< a phrase
  const char* text;                 ///< the equations and what to know about them, plain text
  const char* cite;                 ///< keys of docs/references.bib, separated by commas; "" = none
  std::span<const Option> options;  ///< its own settings
};

/// Whether the entry declares a setting of that name.
CHRONOGRAD_API bool has_option(const Entry& entry, const std::string& key);

/// All records of one kind, in the order of the list in the build file. Specialised by generated code.
template <class Record>
std::span<const Record* const> catalogue();

/// The name out of `names` that is nearest to `word` by edit distance; "" if none is near.
CHRONOGRAD_API std::string nearest_name(const std::string& word, const std::vector<std::string>& names);

/// Throws Error (usage) that says `word` is not a name of this kind, which are, and which one was probably meant.
[[noreturn]] CHRONOGRAD_API void throw_unknown_name(const std::string& where, const std::string& word,
                                                    const std::vector<std::string>& names);

/// The names of a catalogue.
template <class Record>
std::vector<std::string> names_of() {
  std::vector<std::string> names;
  for (const Record* record : catalogue<Record>()) names.emplace_back(record->entry.name);
  return names;
}

/// The record called `name`; throws Error (usage) with the nearest name if there is none. `where` is the key.
template <class Record>
const Record& find_record(const std::string& where, const std::string& name) {
  for (const Record* record : catalogue<Record>())
    if (name == record->entry.name) return *record;
  throw_unknown_name(where, name, names_of<Record>());
}

}  // namespace chronograd
