// SPDX-License-Identifier: Apache-2.0
#include "config/presets.hpp"

#include <algorithm>

#include "chronograd/catalogue.hpp"
#include "config/check_value.hpp"
#include "config/plain_value.hpp"

namespace chronograd {
namespace {

constexpr const char* preset_key = "preset";

// Hops of h = 4 steps (8 from 64 units on) over R = 16. Numbers of updates are steps over h: a rate that rises over
// 3000 steps and has fallen to a half after as many again, means over 1000. The rate of an update of h steps is .006
// sqrt(h).
constexpr PresetSetting automatic[] = {
    {"rule", "name", "\"snap\""},
    {"rule", "n", "1"},
    {"rule", "reach", "16"},
    {"rule", "reach_by", "\"interval\""},
    {"rule", "whiten", "0.1"},
    {"update", "every", "4", "8"},
    {"optimizer", "name", "\"row\""},
    {"optimizer", "lr", "0.012", "0.016970562748477143"},
    {"optimizer", "schedule", "\"inverse_sqrt\""},
    {"optimizer", "horizon", "750", "375"},
    {"optimizer", "warmup", "750", "375"},
    {"optimizer", "window", "250", "125"},
    {"optimizer", "guard", "0.02"},
    {"optimizer", "readout_decay", "250", "125"},
    {"train", "average", "0.1"},
};

constexpr Preset all[] = {
    {"auto", "hops, whitened regressors, steps without a rate",
     "One setting for every task: credit goes back 16 steps, once an interval, before a trace of each unit is asked; "
     "gradients take whitened regressors; the weights into a unit take steps of a fixed size, which fall with the root "
     "of time; a running mean of the weights predicts where it was better. What is set beside it stands. For data that "
     "drift set optimizer.lr_final, the smallest rate.",
     automatic},
};

bool is_wide(const Settings& settings) {
  const auto model = settings.tables.find("model");
  if (model == settings.tables.end()) return false;
  const auto hidden = model->second.find("hidden");
  if (hidden == model->second.end()) return false;
  const auto* units = std::get_if<std::int64_t>(&hidden->second.value.scalar);
  return units != nullptr && *units >= 64;
}

bool names_entry(const PresetSetting& setting) {
  return std::string(setting.key) == "name";
}

/// The word of a setting, or "".
std::string word_in(const Settings& settings, const std::string& table, const std::string& key) {
  const auto found = settings.tables.find(table);
  if (found == settings.tables.end()) return "";
  const auto setting = found->second.find(key);
  if (setting == found->second.end()) return "";
  const auto* word = std::get_if<std::string>(&setting->second.value.scalar);
  return word != nullptr ? *word : setting->second.value.typed;
}

}  // namespace

std::span<const Preset> presets() {
  return all;
}

const Preset* preset_of(const std::string& name) {
  const auto found = std::find_if(std::begin(all), std::end(all), [&](const Preset& one) { return name == one.name; });
  return found == std::end(all) ? nullptr : found;
}

std::string preset_text(const Preset& preset) {
  std::string text;
  for (const PresetSetting& setting : preset.settings) {
    const std::string value = setting.value, wide = setting.wide;
    text += path_of(setting.table, setting.key) + " = " + value +
            (wide == value ? "" : " (" + wide + " from model.hidden = 64 on)") + "\n";
  }
  return text;
}

Settings with_preset(const Settings& settings) {
  Settings all_settings = settings;
  const Preset* preset = preset_of(word_in(settings, "rule", "name"));
  if (preset == nullptr) return all_settings;
  const bool wide = is_wide(settings);
  const std::string place = settings.tables.at("rule").at("name").value_place;
  const auto raw = [&](const PresetSetting& setting) { return plain_value(wide ? setting.wide : setting.value); };
  for (const PresetSetting& setting : preset->settings) {
    // Of an entry that the user chose the preset's settings are none.
    const std::string chosen = word_in(settings, setting.table, "name");
    const auto name = std::find_if(preset->settings.begin(), preset->settings.end(), [&](const PresetSetting& other) {
      return std::string(other.table) == setting.table && names_entry(other);
    });
    const bool rule = std::string(setting.table) == "rule";
    if (!rule && name != preset->settings.end() && !chosen.empty() && Scalar(chosen) != raw(*name).scalar) continue;
    auto& table = all_settings.tables[setting.table];
    if ((rule && names_entry(setting)) || !table.contains(setting.key))
      table[setting.key] = {raw(setting), place, place};
  }
  all_settings.tables["rule"][preset_key] = {plain_value("\"" + std::string(preset->name) + "\""), place, place};
  return all_settings;
}

void compare_with_preset(Checked& checked) {
  Options& rule = checked.values["rule"];
  if (!rule.has(preset_key)) return;
  const std::string given = rule.word(preset_key), name = given.substr(0, given.find(' '));
  const Preset* preset = preset_of(name);
  if (preset == nullptr) {
    std::vector<std::string> names;
    for (const Preset& one : presets()) names.emplace_back(one.name);
    throw_unknown_name("rule.preset", name, names);
  }
  const bool wide = checked.values["model"].has("hidden") && checked.values["model"].integer("hidden") >= 64;
  std::string others;
  for (const PresetSetting& setting : preset->settings) {
    const auto& options = checked.options[setting.table];
    const auto option = std::find_if(options.begin(), options.end(),
                                     [&](const Option* one) { return std::string(one->key) == setting.key; });
    const auto& values = checked.values[setting.table].values();
    const auto value = values.find(setting.key);
    const bool same = option != options.end() && value != values.end() &&
                      checked_value("", **option, plain_value(wide ? setting.wide : setting.value)) == value->second;
    if (!same) others += (others.empty() ? "" : ", ") + path_of(setting.table, setting.key);
  }
  rule.set(preset_key, others.empty() ? name : name + " but for " + others, rule.given(preset_key));
}

}  // namespace chronograd
