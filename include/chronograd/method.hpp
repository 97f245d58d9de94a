// SPDX-License-Identifier: Apache-2.0
// What is compared: a learning rule with settings, or an interface of a feed-forward net, written as a word.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "chronograd/export.hpp"

namespace chronograd {

class Config;

/// `snap(n=2)`, `tbptt(L=7, optimizer.lr=1e-3)`: an entry by its name, and settings that hold with it.
struct CHRONOGRAD_API Method {
  using Settings = std::vector<std::pair<std::string, std::string>>;  ///< paths and values: (rule.L, 7)

  std::string table, key;  ///< the setting that names the entry: rule, name
  std::string name;        ///< the entry: tbptt
  std::string word;        ///< as written
  Settings settings;       ///< a key without a dot is one of the entry's table

  bool sets(const std::string& path) const;
  /// The method as `path=value` words that change a configuration.
  std::vector<std::string> overrides() const;
  /// The same with further settings, which replace those of the same path.
  Method with(const Settings& further) const;
  /// The word without the tables of settings: `tbptt(L=7, lr=1e-3)`.
  std::string label() const;
  /// True for the same entry and settings: blanks and the order do not count.
  bool operator==(const Method& other) const;
};

/// Reads a word; `where` stands in the brackets of messages. Whether there is such an entry and it has these settings
/// is checked with the configuration. `table`: the one whose methods are meant (method_table()); "": the first that has
/// an entry of this name. Throws Error (usage).
CHRONOGRAD_API Method parse_method(const std::string& where, const std::string& word, const std::string& table = "");
CHRONOGRAD_API std::vector<Method> parse_methods(const std::string& where, const std::vector<std::string>& words,
                                                 const std::string& table = "");

/// The table of a configuration that names its method: `rule`, or `interface` of a feed-forward net.
CHRONOGRAD_API std::string method_table(const Config& config);
/// The name of its method, `bptt`.
CHRONOGRAD_API std::string method_name(const Config& config);

/// True for a setting whose value is a method: `rule.name`, `interface.name`.
CHRONOGRAD_API bool names_method(const std::string& path);
/// True for what is set in the table of a method: `rule.name`, `rule.L`, `interface.lag`.
CHRONOGRAD_API bool in_method_table(const std::string& path);

/// A method's word: the name and, where there are settings, these in brackets; `rule.L` as `L`.
CHRONOGRAD_API std::string method_word(const std::string& name, const Method::Settings& settings);

}  // namespace chronograd
