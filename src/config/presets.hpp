// SPDX-License-Identifier: Apache-2.0
// Names that stand for a rule with settings of several tables.
#pragma once

#include <span>
#include <string>

#include "config/checker.hpp"

namespace chronograd {

struct PresetSetting {
  const char *table, *key;
  const char* value;         ///< as in a file
  const char* wide = value;  ///< from model.hidden = 64 on
};

/// `rule.name = "auto"`: the settings that it sets where the user sets none.
struct Preset {
  const char* name;
  const char* title;
  const char* text;
  std::span<const PresetSetting> settings;
};

std::span<const Preset> presets();
/// The one of this name, or null.
const Preset* preset_of(const std::string& name);
/// What it sets, a line a setting: `update.every = 4 (8 from model.hidden = 64 on)`.
std::string preset_text(const Preset& preset);

/// The settings with those of the preset that rule.name names, and rule.preset, its name. A setting that is there
/// stands; of a table whose `name` is another than the preset's nothing is set.
Settings with_preset(const Settings& settings);
/// Completes rule.preset, where it is set: `auto`, or `auto but for optimizer.lr`, if some setting is another one.
void compare_with_preset(Checked& checked);

}  // namespace chronograd
