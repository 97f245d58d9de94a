// SPDX-License-Identifier: Apache-2.0
#include "config/entries.hpp"

#include "chronograd/cell.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/format.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/optimizer.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/task.hpp"
#include "config/check_value.hpp"
#include "config/text.hpp"

namespace chronograd {
namespace {

template <class Record>
std::vector<const Entry*> all_entries() {
  std::vector<const Entry*> all;
  for (const Record* record : catalogue<Record>()) all.push_back(&record->entry);
  return all;
}

/// A setting that is a word, as it was written.
std::string word_of(const std::map<std::string, Setting>& given, const char* key) {
  const auto found = given.find(key);
  if (found == given.end()) return "";
  const auto* word = std::get_if<std::string>(&found->second.value.scalar);
  return word != nullptr ? *word : found->second.value.typed;
}

/// The format that the name of the training file has; `npz` if it tells nothing.
std::string implied_format(const std::map<std::string, Setting>& given) {
  std::string file = word_of(given, "train");
  for (const DatasetRecord* dataset : catalogue<DatasetRecord>())
    if (file == std::string("data:") + dataset->entry.name) file = dataset->file;
  for (const FormatRecord* format : catalogue<FormatRecord>())
    for (const std::string& ending : choices_of(format->endings))
      if (file.size() > ending.size() && file.ends_with(ending)) return format->entry.name;
  return "npz";
}

constexpr EntryKey keys[] = {
    {"model", "cell", all_entries<CellRecord>},
    {"loss", "name", all_entries<LossRecord>},
    {"rule", "name", all_entries<RuleRecord>},
    {"rule", "feedback", all_entries<FeedbackRecord>},
    {"optimizer", "name", all_entries<OptimizerRecord>},
    {"task", "name", all_entries<TaskRecord>},
    {"data", "format", all_entries<FormatRecord>, implied_format},
};

}  // namespace

std::span<const EntryKey> entry_keys() {
  return keys;
}

std::string name_in(const EntryKey& key, std::span<const Option> core, const std::map<std::string, Setting>& given) {
  if (given.contains(key.key)) return word_of(given, key.key);
  if (key.implied != nullptr) return key.implied(given);
  const Option& option = *option_of(core, key.key);
  return *option.fallback != '\0' ? std::get<std::string>(default_value(option)) : "";
}

const Entry* entry_of(const EntryKey& key, const std::string& name) {
  for (const Entry* entry : key.entries())
    if (name == entry->name) return entry;
  return nullptr;
}

std::vector<std::string> names_of(const EntryKey& key) {
  std::vector<std::string> names;
  for (const Entry* entry : key.entries()) names.emplace_back(entry->name);
  return names;
}

const Option* option_of(std::span<const Option> options, const std::string& key) {
  for (const Option& option : options)
    if (key == option.key) return &option;
  return nullptr;
}

}  // namespace chronograd
