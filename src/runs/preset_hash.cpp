// SPDX-License-Identifier: Apache-2.0
#include "runs/preset_hash.hpp"

#include "files/hash.hpp"

namespace chronograd {

std::string preset_hash(const Preset& preset) {
  const std::string name = preset.name;
  Sha256 hash(name);
  hash.add(preset_text(preset));
  return hash.text();
}

}  // namespace chronograd
