// SPDX-License-Identifier: Apache-2.0
// Configurations as text: files, words, records.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/json_value.hpp"
#include "chronograd/error.hpp"
#include "chronograd/method.hpp"
#include "config/check_value.hpp"
#include "config/checker.hpp"
#include "config/config_state.hpp"
#include "config/entries.hpp"
#include "config/presets.hpp"
#include "config/record.hpp"
#include "config/toml.hpp"
#include "config/words.hpp"

namespace chronograd {
namespace {

constexpr std::size_t longest_text = 16u << 20;  // bytes; no experiment is that long, but a data file given by mistake

/// Drops what `change` makes meaningless: options of an entry that it replaces, other lengths of the run, the task
/// where data are given, and the data where a task is.
void drop_replaced(Settings& settings, const Override& change) {
  if (change.table == "data" && change.key == "train") settings.tables.erase("task");
  if (change.table == "task" && change.key == "name") settings.tables.erase("data");
  const auto table = settings.tables.find(change.table);
  if (table == settings.tables.end()) return;
  if (const auto& lengths = run_lengths(); change.table == "train" && std::ranges::count(lengths, change.key) > 0)
    for (const std::string& other : lengths)
      if (other != change.key) table->second.erase(other);
  for (const EntryKey& key : entry_keys()) {
    if (change.table != key.table || (change.key != key.key && key.implied == nullptr)) continue;
    const std::span<const Option> core = core_options(change.table);
    std::map<std::string, Setting> changed = table->second;
    changed[change.key] = {change.value, "", ""};
    const std::string before = name_in(key, core, table->second);
    const Entry* old = entry_of(key, before);
    if (old == nullptr || name_in(key, core, changed) == before) continue;
    // A setting that goes may name an entry itself, whose settings go with it.
    for (const EntryKey& inner : entry_keys())
      if (change.table == inner.table && option_of(core, inner.key) == nullptr &&
          option_of(old->options, inner.key) != nullptr)
        if (const Entry* entry = entry_of(inner, name_in(inner, core, table->second)); entry != nullptr)
          for (const Option& option : entry->options) table->second.erase(option.key);
    for (const Option& option : old->options)
      if (option_of(core, option.key) == nullptr) table->second.erase(option.key);
  }
}

/// The setting, or null.
const Setting* setting_of(const Settings& settings, const std::string& table, const std::string& key) {
  const auto found = settings.tables.find(table);
  if (found == settings.tables.end()) return nullptr;
  const auto setting = found->second.find(key);
  return setting == found->second.end() ? nullptr : &setting->second;
}

/// Changes settings by `key=value` words; `place` is what messages about them begin with.
void apply(Settings& settings, const std::vector<std::string>& overrides, const std::string& place) {
  std::vector<Override> changes;
  for (const std::string& word : overrides) changes.push_back(parse_override(word));
  for (const Override& change : changes) drop_replaced(settings, change);
  for (const Override& change : changes) settings.tables[change.table][change.key] = {change.value, place, place};
}

/// The settings as they are for another rule: with what their preset sets, and without its name.
Settings without_preset(const Settings& settings) {
  Settings all = with_preset(settings);
  if (const auto rule = all.tables.find("rule"); rule != all.tables.end()) rule->second.erase("preset");
  return all;
}

/// Every rule of watch.rules must be one that this experiment could run under.
void check_watched(const Settings& settings, const Checked& checked, const std::string& name) {
  const auto& watched = checked.values.at("watch").words("rules");
  if (watched.empty()) return;
  const std::string where = where_of(settings.tables.at("watch").at("rules").value_place, "watch.rules");
  for (const std::string& word : watched) {
    Settings changed = without_preset(settings);
    changed.tables.erase("watch");
    apply(changed, parse_method(where, word, "rule").overrides(), where + ": " + word);
    check_settings(changed, name);
  }
}

/// Throws Error (usage) unless the settings are allowed, under every rule that is watched.
template <class State>
void check(State& state) {
  state.checked = check_settings(state.settings, state.name);
  check_watched(state.settings, state.checked, state.name);
}

Json json_of(const Option& option, const Options& values) {
  const auto found = values.values().find(option.key);
  if (found == values.values().end()) return nullptr;
  if (option.type == OptionType::steps && values.integer(option.key) == 0) return "trial";
  return std::visit([](const auto& value) { return Json(value); }, found->second);
}

}  // namespace

Config Config::read(const std::string& path, const std::vector<std::string>& overrides) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  char part[1 << 16];
  while (file.read(part, sizeof part) || file.gcount() > 0) {
    text.append(part, static_cast<std::size_t>(file.gcount()));
    if (text.size() > longest_text)
      throw Error(Exit::data, path, "is longer than 16 MiB: this is no configuration in TOML.");
  }
  if (!file.is_open() || file.bad() || !file.eof())
    throw Error(Exit::data, path,
                std::string("cannot be read: ") + (errno != 0 ? std::strerror(errno) : "unknown reason") + ".");
  return parse(text, path, overrides);
}

Config Config::parse(const std::string& text, const std::string& name, const std::vector<std::string>& overrides) {
  auto state = std::make_unique<State>();
  state->text = text;
  state->name = name;
  state->settings = read_settings(text, name);
  apply(state->settings, overrides, "");
  check(*state);
  return Config(std::move(state));
}

Config Config::from_record(const std::string& json, const std::string& name) {
  auto state = std::make_unique<State>();
  state->text = json;
  state->name = name;
  const Record record = read_record(json, name);
  state->settings = record.given;
  check(*state);
  // A default that has changed since: what the record was made with counts.
  Settings changed = state->settings;
  bool differs = false;
  for (const auto& [table, options] : state->checked.options)
    for (const Option* option : options) {
      const Setting* recorded = setting_of(record.all, table, option->key);
      if (recorded == nullptr) continue;
      const auto& values = state->checked.values.at(table).values();
      const auto now = values.find(option->key);
      if (now != values.end() &&
          checked_value(where_of(name, path_of(table, option->key)), *option, recorded->value) == now->second)
        continue;
      changed.tables[table][option->key] = *recorded;
      differs = true;
    }
  if (differs) {
    state->settings = changed;
    check(*state);
  }
  return Config(std::move(state));
}

Config Config::with(const std::vector<std::string>& overrides) const {
  auto state = std::make_unique<State>(*state_);
  apply(state->settings, overrides, "");
  check(*state);
  return Config(std::move(state));
}

Config Config::with_method(const std::string& word) const {
  auto state = std::make_unique<State>(*state_);
  state->settings = without_preset(state->settings);
  apply(state->settings, parse_method(method_table(*this), word, method_table(*this)).overrides(), word);
  check(*state);
  return Config(std::move(state));
}

std::string Config::resolved_json() const {
  Json json = Json::object(), given = Json::array();
  for (const OptionTable& table : option_tables()) {
    const auto options = state_->checked.options.find(table.name);
    if (options == state_->checked.options.end()) continue;
    Json& target = *table.name == '\0' ? json : json[table.name] = Json::object();
    const Options& values = state_->checked.values.at(table.name);
    for (const Option* option : options->second) {
      target[option->key] = json_of(*option, values);
      if (values.given(option->key)) given.push_back(path_of(table.name, option->key));
    }
  }
  json["given"] = given;
  // Paths need not be UTF-8; JSON must be.
  return json.dump(2) + "\n";
}

}  // namespace chronograd
