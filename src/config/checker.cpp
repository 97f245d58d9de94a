// SPDX-License-Identifier: Apache-2.0
#include "config/checker.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "config/check_value.hpp"
#include "config/entries.hpp"
#include "config/hints.hpp"
#include "config/presets.hpp"
#include "config/versions.hpp"

namespace chronograd {
namespace {

const OptionTable* find_table(const std::string& name) {
  for (const OptionTable& table : option_tables())
    if (name == table.name) return &table;
  return nullptr;
}

std::vector<std::string> table_names() {
  std::vector<std::string> names;
  for (const OptionTable& table : option_tables())
    if (*table.name != '\0') names.emplace_back(table.name);
  return names;
}

/// Tables of one kind of net alone, and settings of tables that both have: recurrent ones ([model]), feed-forward ones
/// ([net]).
constexpr struct {
  const char* table;
  const char* key;  ///< "": all of the table
  bool net;         ///< of feed-forward nets
} apart[] = {
    {"model", "", false},
    {"rule", "", false},
    {"regularise", "", false},
    {"net", "", true},
    {"interface", "", true},
    {"update", "every", false},
    {"update", "drain_every", true},
    {"readout", "tau_out", false},
    {"readout", "zeta_out", false},
    {"readout", "average", false},
    {"readout", "decide", false},
    {"train", "steps", false},
    {"train", "average", false},
    {"train", "memory", false},
    {"watch", "rules", false},
    {"watch", "every", false},
    {"watch", "credit", false},
    {"optimizer", "clamp", false},
};

bool feed_forward(const Settings& settings) {
  return settings.tables.contains("net");
}

bool is_apart(const std::string& table, const std::string& key, bool net) {
  return std::any_of(std::begin(apart), std::end(apart),
                     [&](const auto& one) { return table == one.table && key == one.key && net != one.net; });
}

std::string example_of(const std::string& table, const Option& option) {
  std::string value = "\"...\"";
  for (const EntryKey& key : entry_keys())
    if (table == key.table && option.key == std::string(key.key) && !key.entries().empty())
      value = "\"" + std::string(key.entries().front()->name) + "\"";
  if (const auto choices = choices_of(option.choices); !choices.empty()) value = "\"" + choices.front() + "\"";
  if (option.type == OptionType::integer || option.type == OptionType::steps)
    value = number_text(std::clamp(64.0, option.low, option.high));
  if (option.type == OptionType::number || option.type == OptionType::numbers)
    value = number_text(std::clamp(0.5, option.low, option.high));
  return " Example: " + std::string(option.key) + " = " + value + (table.empty() ? "." : " under [" + table + "].");
}

/// Checks one table.
class TableCheck {
 public:
  TableCheck(const std::string& name, const OptionTable& table, const Settings& settings)
      : file_(name), table_(table.name), core_(table.options) {
    if (const auto found = settings.tables.find(table_); found != settings.tables.end()) given_ = &found->second;
    for (const Option& option : core_)
      (is_apart(table_, option.key, feed_forward(settings)) ? left_ : options_).push_back(&option);
  }

  void run(Options& values, std::vector<const Option*>& options) {
    for (const EntryKey& key : entry_keys())
      if (table_ == key.table) add_entry(key);
    if (given_ != nullptr)
      for (const auto& [key, setting] : *given_)
        if (find(key) == nullptr) refuse_key(key, setting);
    for (const Option* option : options_) set(*option, values);
    for (const Option* option : left_)  // as it is where nobody gives it, for those who ask
      if (*option->fallback != '\0') values.set(option->key, default_value(*option), false);
    for (const auto& [key, entry] : chosen_)
      if (!values.has(key->key) || values.word(key->key) == key->alias)
        values.set(key->key, std::string(entry->name), values.given(key->key));
    check_lists(values);
    options = options_;
  }

 private:
  const Setting* setting(const std::string& key) const {
    if (given_ == nullptr) return nullptr;
    const auto found = given_->find(key);
    return found == given_->end() ? nullptr : &found->second;
  }

  std::string where(const Setting& setting, const std::string& key) const {
    return where_of(setting.value_place, path_of(table_, key));
  }

  const Option* find(const std::string& key) const {
    for (const Option* option : options_)
      if (key == option->key) return option;
    return nullptr;
  }

  [[noreturn]] void refuse_missing(const Option& option) const {
    throw Error(Exit::usage, where_of(file_, path_of(table_, option.key)), "is missing." + example_of(table_, option));
  }

  /// Adds the settings of the entry that `key` names; they replace those of the table with the same key.
  void add_entry(const EntryKey& key) {
    const Option* option = find(key.key);
    if (option == nullptr) return;  // a setting that the entry named before does not have
    const Setting* named = setting(key.key);
    if (named == nullptr && option->required) refuse_missing(*option);
    if (named != nullptr) checked_value(where(*named, key.key), *option, named->value);
    static const std::map<std::string, Setting> none;
    const std::string word = name_in(key, core_, given_ != nullptr ? *given_ : none);
    const Entry* entry = entry_of(key, word);
    if (const Setting* by = setting(key.implied_by); entry == nullptr && named == nullptr && by != nullptr)
      throw Error(Exit::usage, where(*by, key.implied_by), key.refusal(word_of(*given_, key.implied_by)));
    if (entry == nullptr)
      throw_unknown_name(named != nullptr ? where(*named, key.key) : path_of(table_, key.key), word, names_of(key));
    chosen_.push_back({&key, entry});
    for (const Option& own : entry->options) {
      const auto same = std::find_if(options_.begin(), options_.end(),
                                     [&](const Option* other) { return std::string(other->key) == own.key; });
      if (same == options_.end())
        options_.push_back(&own);
      else
        *same = &own;
    }
  }

  [[noreturn]] void refuse_key(const std::string& key, const Setting& setting) const {
    for (const Option* option : left_)
      if (key == option->key)
        throw Error(Exit::usage, where_of(setting.key_place, path_of(table_, key)),
                    is_apart(table_, key, true)
                        ? "is a setting of recurrent nets, this experiment has a feed-forward one, [net]."
                        : "is a setting of feed-forward nets, this experiment has no [net].");
    std::vector<std::string> allowed;
    for (const Option* option : options_) allowed.emplace_back(option->key);
    std::string what = "unknown key" + hint(key, allowed);
    for (const auto& [kind, entry] : chosen_) {
      std::vector<std::string> owners;
      for (const Entry* other : kind->entries())
        if (option_of(other->options, key) != nullptr) owners.emplace_back(other->name);
      if (!owners.empty())
        what = std::string(entry->name) + " has no option " + key + "; " + joined(owners) +
               (owners.size() == 1 ? " has." : " have.");
    }
    throw Error(Exit::usage, where_of(setting.key_place, path_of(table_, key)),
                what + " Allowed: " + joined(allowed) + ".");
  }

  /// What was meant: a word of other programs, a key of another table, or a slip.
  std::string hint(const std::string& key, const std::vector<std::string>& allowed) const {
    if (const Hint* hint = hint_for(HintKind::key, key))
      return (*hint->target != '\0' ? ", " : ": ") + hint_text(*hint);
    for (const OptionTable& other : option_tables())
      if (option_of(other.options, key) != nullptr && key != "name")
        return ", did you mean " + path_of(other.name, key) + "?";
    for (const EntryKey& kind : entry_keys())
      for (const Entry* entry : kind.entries())
        if (option_of(entry->options, key) != nullptr) return ", did you mean " + path_of(kind.table, key) + "?";
    const std::string near = nearest_name(key, allowed);
    return near.empty() ? "." : ", did you mean " + path_of(table_, near) + "?";
  }

  void set(const Option& option, Options& values) const {
    const Setting* given = setting(option.key);
    if (given != nullptr)
      values.set(option.key, checked_value(where(*given, option.key), option, given->value), true);
    else if (option.required)
      refuse_missing(option);
    else if (*option.fallback != '\0')
      values.set(option.key, default_value(option), false);
  }

  /// A list in [model] has one number for each unit.
  void check_lists(const Options& values) const {
    if (table_ != "model") return;
    for (const Option* option : options_) {
      const Setting* given = setting(option->key);
      if (option->type != OptionType::numbers || given == nullptr || given->value.kind != Raw::Kind::list) continue;
      if (static_cast<std::int64_t>(given->value.list.size()) != values.integer("hidden"))
        throw Error(Exit::usage, where(*given, option->key),
                    "got " + given->value.got() + " numbers, allowed is one number or a list of model.hidden = " +
                        std::to_string(values.integer("hidden")) + " numbers.");
    }
  }

  struct Chosen {
    const EntryKey* key;
    const Entry* entry;
  };

  const std::string& file_;
  const std::string table_;
  std::span<const Option> core_;
  const std::map<std::string, Setting>* given_ = nullptr;
  std::vector<const Option*> options_, left_;  ///< `left_`: of the other kind of net
  std::vector<Chosen> chosen_;
};

/// Throws for a table of the other kind of net than that of the experiment.
void check_kind(const Settings& settings) {
  const bool net = feed_forward(settings);
  for (const auto& [table, given] : settings.tables) {
    if (!is_apart(table, "", net)) continue;
    const auto place = settings.places.find(table);
    const std::string where = where_of(place == settings.places.end() ? "" : place->second, table);
    if (table == "model")
      throw Error(
          Exit::usage, where,
          "got both [model] and [net], allowed is one of them: [model] is a recurrent net, which learns by a [rule], "
          "[net] a feed-forward one with an [interface] between groups of layers.");
    throw Error(
        Exit::usage, where,
        net ? "got [" + table + "] with [net], allowed with [model] alone." +
                  (table == "rule" ? " Example: name = \"dni\" under [interface]." : "")
            : "got [interface] without [net], allowed with it alone. Example: widths = [256, 256] under [net].");
  }
}

std::string table_hint(const std::string& table, const std::vector<std::string>& names) {
  for (const HintKind kind : {HintKind::table, HintKind::key})
    if (const Hint* hint = hint_for(kind, table)) return (*hint->target != '\0' ? ", " : ": ") + hint_text(*hint);
  const std::string near = nearest_name(table, names);
  return near.empty() ? "." : ", did you mean " + near + "?";
}

/// Where a table's name was given a value: the setting that was meant, as optimizer.name for optimizer = "adam".
std::string main_setting(const std::string& table, const Raw& value) {
  const auto* word = value.kind == Raw::Kind::scalar ? std::get_if<std::string>(&value.scalar) : nullptr;
  if (word == nullptr) return "";
  for (const EntryKey& key : entry_keys())
    if (table == key.table && entry_of(key, *word) != nullptr)
      return " Did you mean " + path_of(table, key.key) + " = " + quoted(*word) + "?";
  return table == "data" ? " Did you mean data.train = " + quoted(*word) + "?" : "";
}

void check_tables(const Settings& settings) {
  const std::vector<std::string> names = table_names();
  for (const auto& [table, given] : settings.tables) {
    if (find_table(table) != nullptr) continue;
    const auto place = settings.places.find(table);
    const std::string where = where_of(place == settings.places.end() ? "" : place->second, table);
    if (const Option* option = option_of(core_options(""), table); option != nullptr)
      throw Error(Exit::usage, where, "got a table, allowed is " + allowed_text(*option) + ".");
    throw Error(Exit::usage, where, "unknown table" + table_hint(table, names) + " Allowed: " + joined(names) + ".");
  }
  if (const auto top = settings.tables.find(""); top != settings.tables.end())
    for (const auto& [key, setting] : top->second)
      if (find_table(key) != nullptr)
        throw Error(Exit::usage, where_of(setting.key_place, key),
                    "got " + setting.value.got() + ", allowed is a table: [" + key + "] or " + key + ".key = value." +
                        main_setting(key, setting.value));
  if (settings.tables.contains("task") && settings.tables.contains("data")) {
    const auto place = settings.places.find("data");
    throw Error(Exit::usage, where_of(place == settings.places.end() ? "" : place->second, "data"),
                "got both [task] and [data], allowed is one of them.");
  }
  check_kind(settings);
}

}  // namespace

const std::vector<std::string>& run_lengths() {
  static const std::vector<std::string> keys = {"updates", "steps", "epochs"};
  return keys;
}

std::span<const Option> core_options(const std::string& table) {
  const OptionTable* found = find_table(table);
  return found == nullptr ? std::span<const Option>() : found->options;
}

Checked check_settings(const Settings& given, const std::string& name) {
  const Settings settings = with_preset(given);
  require_known_version(settings);
  check_tables(settings);
  Checked checked;
  for (const OptionTable& table : option_tables()) {
    const bool optional = table.name == std::string("task") || table.name == std::string("data");
    Options& values = checked.values[table.name];
    if ((optional && !settings.tables.contains(table.name)) || is_apart(table.name, "", feed_forward(settings)))
      continue;
    TableCheck(name, table, settings).run(values, checked.options[table.name]);
  }
  const Options& train = checked.values["train"];
  std::string first;
  for (const std::string& key : run_lengths()) {
    if (!train.given(key)) continue;
    if (!first.empty())
      throw Error(Exit::usage, where_of(settings.tables.at("train").at(first).key_place, "train." + first),
                  "got both train." + first + " and train." + key + ", allowed is one of them.");
    first = key;
  }
  compare_with_preset(checked);
  return checked;
}

}  // namespace chronograd
