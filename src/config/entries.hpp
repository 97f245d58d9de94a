// SPDX-License-Identifier: Apache-2.0
// The keys of a configuration that name an entry of a catalogue, which brings settings of its own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "chronograd/catalogue.hpp"
#include "config/raw.hpp"

namespace chronograd {

/// One such key: `rule.name` names a rule.
struct EntryKey {
  const char* table;
  const char* key;
  std::vector<const Entry*> (*entries)();
  /// The name where the key is absent, read off the table's setting `implied_by`, a word; "" if it says none. Null: the
  /// key's default.
  std::string (*implied)(const std::string& word) = nullptr;
  const char* implied_by = "";
  /// What is wrong with a word that says none.
  std::string (*refusal)(const std::string& word) = nullptr;
  bool method = false;     ///< what it names is what comparisons compare (chronograd/method.hpp)
  const char* alias = "";  ///< another name of the entry `alias_of`
  const char* alias_of = "";
};

/// The format that the name of a file says by its ending, in capitals or not; `npz` if it has none. `data:NAME` stands
/// for the file of the data set. "" for an ending that is that of no format.
std::string format_of_name(const std::string& file);

/// All of them. `interface` has two and `rule` three: its name, its feedback, and the synthesiser of those rules that
/// have such a setting; a key that is a setting of an entry stands after the key that names the entry.
std::span<const EntryKey> entry_keys();

/// A setting that is a word, as it was written; "" if it is not there or no word.
std::string word_of(const std::map<std::string, Setting>& given, const std::string& key);
/// The setting that a key is: one of its table's own (`core`), or one of an entry that these settings name there. Null
/// where that entry has none of this name.
const Option* option_of(const EntryKey& key, std::span<const Option> core, const std::map<std::string, Setting>& given);
/// The name that these settings of its table give or imply, unchecked; "" if they do not say (or say no word), or the
/// key is no setting there.
std::string name_in(const EntryKey& key, std::span<const Option> core, const std::map<std::string, Setting>& given);
/// The entry called `name`, also by its alias, or null.
const Entry* entry_of(const EntryKey& key, const std::string& name);
/// The names of its entries.
std::vector<std::string> names_of(const EntryKey& key);
/// The option of this key, or null.
const Option* option_of(std::span<const Option> options, const std::string& key);

}  // namespace chronograd
