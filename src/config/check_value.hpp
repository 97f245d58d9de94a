// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "chronograd/option.hpp"
#include "config/raw.hpp"

namespace chronograd {

/// The value if the setting may have it: its type, range and choices. Throws Error (usage) that says what was got and
/// what is allowed; `where` stands in the brackets.
Value checked_value(const std::string& where, const Option& option, const Raw& raw);

/// The default; only for options that have one.
Value default_value(const Option& option);

}  // namespace chronograd
