// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "chronograd/option.hpp"
#include "config/raw.hpp"

namespace chronograd {

/// A checked configuration: for each table its values, and the options that it may have in the order of the
/// documentation (those of the table, then those of the entries that it names).
struct Checked {
  std::map<std::string, Options> values;
  std::map<std::string, std::vector<const Option*>> options;
};

/// Checks settings against the option tables. `name` stands for the file in messages about what is missing. Throws
/// Error (usage) for the first mistake. Rules of `watch.rules` are not looked into.
Checked check_settings(const Settings& settings, const std::string& name);

/// The options of a table that do not depend on an entry.
std::span<const Option> core_options(const std::string& table);

/// The keys of [train] that say how long a run is; one of them may be given.
const std::vector<std::string>& run_lengths();

}  // namespace chronograd
