// SPDX-License-Identifier: Apache-2.0
// What `describe` says of an entry; of the rest see chronograd/describe.hpp.
#pragma once

#include <string>

#include "catalogue_view.hpp"

namespace chronograd {

struct Found {
  const Kind* kind;
  View view;
};

/// The entry of this kind; throws Error (usage) with the nearest name.
Found find_entry(const std::string& where, const Kind& kind, const std::string& name);

std::string description_json(const Found& found);
/// How names and titles are set off, as by bold().
using Emphasis = std::string (*)(const std::string&);
std::string description_text(const Found& found, Emphasis emphasis);
/// The settings of a table, "" for all.
std::string settings_text(const std::string& table, Emphasis emphasis);

}  // namespace chronograd
