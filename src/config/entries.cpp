// SPDX-License-Identifier: Apache-2.0
#include "config/entries.hpp"

#include "chronograd/cell.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/optimizer.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/task.hpp"

namespace chronograd {
namespace {

template <class Record>
std::vector<const Entry*> all_entries() {
  std::vector<const Entry*> all;
  for (const Record* record : catalogue<Record>()) all.push_back(&record->entry);
  return all;
}

constexpr EntryKey keys[] = {
    {"model", "cell", all_entries<CellRecord>},          {"loss", "name", all_entries<LossRecord>},
    {"rule", "name", all_entries<RuleRecord>},           {"rule", "feedback", all_entries<FeedbackRecord>},
    {"optimizer", "name", all_entries<OptimizerRecord>}, {"task", "name", all_entries<TaskRecord>},
};

}  // namespace

std::span<const EntryKey> entry_keys() {
  return keys;
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
