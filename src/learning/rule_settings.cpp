// SPDX-License-Identifier: Apache-2.0
#include "learning/rule_settings.hpp"

#include <cmath>
#include <map>
#include <variant>

#include "base/formula.hpp"

namespace chronograd {

std::int64_t RuleSettings::lag() const {
  if (*record.lag == '\0') return 0;
  std::map<std::string, double> letters;
  for (const auto& [key, value] : options.values())
    if (const auto* whole = std::get_if<std::int64_t>(&value)) letters[key] = static_cast<double>(*whole);
  return std::llround(Formula(record.lag).value(letters));
}

}  // namespace chronograd
