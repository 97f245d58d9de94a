// SPDX-License-Identifier: Apache-2.0
#include "studies/frozen.hpp"

#include "base/text.hpp"
#include "config/presets.hpp"
#include "runs/preset_hash.hpp"

namespace chronograd {

std::vector<FrozenPreset> frozen_presets(const Study& study) {
  std::vector<FrozenPreset> all;
  if (!study.front) return all;
  for (const std::string& candidate : study.front->candidates) {
    const Preset* preset = preset_of(parse_method("candidates", candidate).name);
    if (preset == nullptr) continue;
    FrozenPreset& one = all.emplace_back(FrozenPreset{preset->name, preset_hash(*preset), {}});
    for (const StudyRuns& runs : study.runs) {
      const std::string& rule = runs.rules[*rule_of(runs.rules, candidate)];
      const std::string is = study.config_of(runs).with_method(rule).table("rule").word("preset");
      if (is != one.name) one.changed.push_back(runs.name + ": " + is);
    }
  }
  return all;
}

std::string frozen_text(const std::vector<FrozenPreset>& presets) {
  std::string text;
  for (const FrozenPreset& preset : presets)
    text += "the settings of " + preset.name + " (chronograd describe " + preset.name + ") have the SHA-256\n" +
            preset.hash +
            (preset.changed.empty() ? " and were these in all groups of runs\n"
                                    : "; others in " + joined(preset.changed) + "\n");
  return text;
}

}  // namespace chronograd
