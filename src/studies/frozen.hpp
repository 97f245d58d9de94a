// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "studies/study.hpp"

namespace chronograd {

/// A preset that stands for a candidate of a study.
struct FrozenPreset {
  std::string name, hash;
  std::vector<std::string> changed;  ///< groups of runs that set others of its settings, each with which
};
std::vector<FrozenPreset> frozen_presets(const Study& study);
/// A sentence about each, for people.
std::string frozen_text(const std::vector<FrozenPreset>& presets);

}  // namespace chronograd
