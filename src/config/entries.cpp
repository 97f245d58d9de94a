// SPDX-License-Identifier: Apache-2.0
#include "config/entries.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "chronograd/cell.hpp"
#include "chronograd/dataset.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/format.hpp"
#include "chronograd/interface.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/optimizer.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "chronograd/task.hpp"
#include "config/check_value.hpp"

namespace chronograd {
namespace {

template <class Record>
std::vector<const Entry*> all_entries() {
  std::vector<const Entry*> all;
  for (const Record* record : catalogue<Record>()) all.push_back(&record->entry);
  return all;
}

/// The ending with its dot, `.wav` or `.wav.gz`; "" if there is none.
std::string ending_of(const std::string& file) {
  const std::string base = file.substr(file.rfind('/') + 1);
  const std::size_t end = lower(base).ends_with(".gz") ? base.size() - 3 : base.size(), dot = base.rfind('.', end - 1);
  return end == 0 || dot == std::string::npos || dot == 0 ? base.substr(end) : base.substr(dot);
}

std::string unknown_ending(const std::string& file) {
  std::string known;
  for (const FormatRecord* format : catalogue<FormatRecord>()) {
    std::string endings = format->endings;
    std::replace(endings.begin(), endings.end(), '|', ' ');
    known += (known.empty() ? "" : ", ") + endings + " (" + format->entry.name + ")";
  }
  if (known.empty()) return "files of data are not read by chronograd::core, allowed is the whole library.";
  return "the ending " + quoted(ending_of(file)) + " is that of no format. Known: " + known + ". data.format = \"" +
         catalogue<FormatRecord>().front()->entry.name + "\", for instance, says it for any file.";
}

constexpr EntryKey keys[] = {
    {"model", "cell", all_entries<CellRecord>},
    {"loss", "name", all_entries<LossRecord>},
    {.table = "rule", .key = "name", .entries = all_entries<RuleRecord>, .method = true},
    {"rule", "synthesiser", all_entries<SynthesiserRecord>},
    {"rule", "feedback", all_entries<FeedbackRecord>},
    {.table = "interface",
     .key = "name",
     .entries = all_entries<InterfaceRecord>,
     .method = true,
     .alias = "true",
     .alias_of = "backprop"},
    {"interface", "synthesiser", all_entries<SynthesiserRecord>},
    {"optimizer", "name", all_entries<OptimizerRecord>},
    {"task", "name", all_entries<TaskRecord>},
    {"data", "format", all_entries<FormatRecord>, format_of_name, "train", unknown_ending},
};

}  // namespace

std::string word_of(const std::map<std::string, Setting>& given, const std::string& key) {
  const auto found = given.find(key);
  if (found == given.end()) return "";
  const auto* word = std::get_if<std::string>(&found->second.value.scalar);
  return word != nullptr ? *word : found->second.value.typed;
}

std::string format_of_name(const std::string& file) {
  std::string name = lower(file.substr(file.rfind('/') + 1));
  for (const DatasetRecord* dataset : catalogue<DatasetRecord>())
    if (file == std::string("data:") + dataset->entry.name) name = dataset->file;
  for (const FormatRecord* format : catalogue<FormatRecord>())
    for (const std::string& ending : choices_of(format->endings))
      if (name.size() > ending.size() && name.ends_with(ending)) return format->entry.name;
  return ending_of(name).empty() ? "npz" : "";
}

std::span<const EntryKey> entry_keys() {
  return keys;
}

const Option* option_of(const EntryKey& key, std::span<const Option> core,
                        const std::map<std::string, Setting>& given) {
  const std::string table = key.table;
  if (const Option* option = option_of(core, key.key); option != nullptr) return option;
  for (const EntryKey& other : keys)
    if (table == other.table && option_of(core, other.key) != nullptr)
      if (const Entry* entry = entry_of(other, name_in(other, core, given)); entry != nullptr)
        if (const Option* option = option_of(entry->options, key.key); option != nullptr) return option;
  return nullptr;
}

std::string name_in(const EntryKey& key, std::span<const Option> core, const std::map<std::string, Setting>& given) {
  if (key.implied != nullptr && !given.contains(key.key)) return key.implied(word_of(given, key.implied_by));
  const Option* option = option_of(key, core, given);
  if (option == nullptr) return "";
  if (given.contains(key.key)) return word_of(given, key.key);
  return *option->fallback != '\0' ? std::get<std::string>(default_value(*option)) : "";
}

const Entry* entry_of(const EntryKey& key, const std::string& word) {
  const std::string name = *key.alias != '\0' && word == key.alias ? key.alias_of : word;
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
