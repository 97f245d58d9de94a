// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "chronograd/catalogue.hpp"
#include "config/check_value.hpp"

namespace chronograd {

/// The options of an entry with their defaults, but for those given.
inline Options entry_options(const Entry& entry, std::initializer_list<std::pair<std::string, Value>> given = {}) {
  Options options;
  for (const Option& option : entry.options)
    if (*option.fallback != '\0') options.set(option.key, default_value(option), false);
  for (const auto& [key, value] : given) options.set(key, value, true);
  return options;
}

}  // namespace chronograd
