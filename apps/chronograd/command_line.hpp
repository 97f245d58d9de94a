// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace chronograd {

/// The arguments of one verb. Wraps the parser, which only one file sees. Targets must outlive `parse`; they keep
/// their values (the defaults) where an argument is not given.
class CommandLine {
 public:
  CommandLine(const std::string& verb, const std::string& summary);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// A word without dashes; `name` in capitals as in the help text.
  void argument(const std::string& name, std::string& target, const std::string& help, bool required = true);
  /// All further words: `key=value ...`.
  void arguments(const std::string& name, std::vector<std::string>& target, const std::string& help);
  /// `--flag VALUE`; `value` names it in the help text.
  void option(const std::string& flag, const std::string& value, std::string& target, const std::string& help,
              bool required = false);
  void option(const std::string& flag, const std::string& value, double& target, const std::string& help);
  /// A whole number in [low, high].
  void option(const std::string& flag, const std::string& value, std::int64_t& target, std::int64_t low,
              std::int64_t high, const std::string& help);
  /// `--flag`
  void flag(const std::string& flag, bool& target, const std::string& help);

  /// What was declared, in order.
  struct Declared {
    std::vector<std::string> names;  ///< of a flag, `-o` and `--out`; of an argument its one name, in capitals or not
    std::string value;               ///< of a flag that takes one, its name
    bool is_flag, many;              ///< many: it takes all further words
  };
  std::vector<Declared> declared() const;

  /// Reads the words after the verb. Returns the help text if that is what was asked for, else "". Throws Error
  /// (usage).
  std::string parse(const std::vector<std::string>& words);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace chronograd
