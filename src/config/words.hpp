// SPDX-License-Identifier: Apache-2.0
// The words of the command line: `table.key=value` and `rule(key=value, ...)`.
#pragma once

#include <string>
#include <vector>

#include "config/raw.hpp"

namespace chronograd {

struct Override {
  std::string table, key;
  Raw value;
};

/// Throws Error (usage) for anything but `key=value` and `table.key=value`.
Override parse_override(const std::string& text);

/// `snap(n=2, update.every=5)` as `rule.name="snap"`, `rule.n=2`, `update.every=5`. Throws Error (usage).
std::vector<std::string> rule_overrides(const std::string& where, const std::string& word);

}  // namespace chronograd
