// SPDX-License-Identifier: Apache-2.0
// Settings as they were written, before anything is known about what they mean.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace chronograd {

using Scalar = std::variant<bool, std::int64_t, double, std::string>;

/// A value of a TOML file or of a `key.sub=value` word.
struct Raw {
  enum class Kind { scalar, list, other };
  Kind kind = Kind::scalar;
  Scalar scalar;
  std::vector<Scalar> list;
  std::string other;  ///< what it is, if it is nothing that a setting can be: "a table", "a date"
  std::string typed;  ///< on the command line: what was typed, for settings that are words

  std::string got() const;  ///< for messages: `the number 1.5`, `the word "abc"`, `a list`
};

struct Setting {
  Raw value;
  std::string key_place;  ///< "exp.toml:14:3"; on the command line ""
  std::string value_place;
};

/// Tables and the settings in them; "" is the top level.
struct Settings {
  std::map<std::string, std::map<std::string, Setting>> tables;
  std::map<std::string, std::string> places;  ///< of tables that are written in the file
};

/// "[table] key" as users write it on the command line: `rule.L`, `seed`.
std::string path_of(const std::string& table, const std::string& key);
/// What stands in the brackets of a message: `exp.toml:14:3 rule.L`.
std::string where_of(const std::string& place, const std::string& path);

}  // namespace chronograd
