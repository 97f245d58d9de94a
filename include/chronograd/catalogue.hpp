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
  const char* name;                      ///< the word users write: letters, digits and _, a letter first
  const char* title;                     ///< a phrase
  const char* formulae = "";             ///< its equations, one a line, in the notation of docs/notation.md; "" = none
  const char* symbols = "";              ///< its own letters in them, one a line: `nu: random signs`; "" = none
  const char* text = "";                 ///< what else to know about it, plain text
  const char* cite = "";                 ///< keys of docs/references.bib, separated by commas; "" = none
  std::span<const Option> options = {};  ///< its own settings
};

/// Whether the entry declares a setting of that name.
CHRONOGRAD_API bool has_option(const Entry& entry, const std::string& key);

/// All records of one kind: the built-in ones in the order of the list in the build file, then those that were added.
/// Adding and removing do not touch a list that somebody holds: it stays as it was. Specialised by generated code.
template <class Record>
std::span<const Record* const> catalogue();

/// Adds a record to the catalogue of its kind (RuleRecord, CellRecord, LossRecord, ...): from then on configurations,
/// lists and checks know it like a built-in one. A record of the same name that was added before is replaced. The
/// record and all it points to must outlive every use of it, also by a list, configuration or network that was made
/// while it was there. Any thread may call this at any time. Throws Error (usage) for the name of a built-in entry, for
/// a name that is no word, and for a record without one of its functions or texts.
template <class Record>
CHRONOGRAD_API void add_entry(const Record& record);

/// Takes a record that was added out of its catalogue; what was made with it goes on. Throws Error (usage) for the name
/// of a built-in entry and for one that is not there.
template <class Record>
CHRONOGRAD_API void remove_entry(const std::string& name);

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

/// Those of these names, or all if there are none.
template <class Record>
std::vector<const Record*> find_records(const std::string& where, const std::vector<std::string>& names) {
  const std::span<const Record* const> all = catalogue<Record>();
  if (names.empty()) return {all.begin(), all.end()};
  std::vector<const Record*> records;
  for (const std::string& name : names) records.push_back(&find_record<Record>(where, name));
  return records;
}

}  // namespace chronograd
