// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "chronograd/export.hpp"

namespace chronograd {

/// The kinds of value that a setting can have. `numbers` is one number or a list; `steps` is a whole number >= 1 or
/// "trial", which is kept as 0; `number_or_word` is a number or one of the words in `choices`.
enum class OptionType { number, integer, flag, word, numbers, words, steps, number_or_word };

constexpr double unbounded = std::numeric_limits<double>::infinity();

/// One setting: the only place where its name, default, range, unit and meaning are written down. The configuration
/// reader, `describe`, the error texts and the resolved record all read this.
struct Option {
  const char* key;
  OptionType type;
  const char* fallback =
      "";                   ///< default as TOML (`0.5`, `"tanh"`, `[1, 2]`; no escapes); "" = none: absent unless given
  double low = -unbounded;  ///< smallest allowed value (numbers, integers, each of a list)
  double high = unbounded;  ///< largest allowed value
  const char* unit = "";    ///< "" = dimensionless
  const char* help = "";    ///< one sentence
  const char* choices = "";      ///< for words: the allowed ones, separated by '|'; "" = any
  bool low_is_excluded = false;  ///< the range is (low, high] instead of [low, high]
  bool required = false;
};

/// What the setting may be, for messages and pages: `a number in (0, 1]`, `one of mean, sum`, `a whole number >= 1 or
/// "trial"`.
CHRONOGRAD_API std::string allowed_text(const Option& option);

/// A checked value of a setting; of `numbers` a single one is a number, not a list of one.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<double>, std::vector<std::string>>;

/// The checked settings of one table (`[rule]`, `[model]`, ...): every option of its tables that was given or has a
/// default. The accessors throw std::logic_error for a key that no option table declares: that is a mistake in code.
class CHRONOGRAD_API Options {
 public:
  double number(const std::string& key) const;
  std::int64_t integer(const std::string& key) const;
  bool flag(const std::string& key) const;
  /// True when the value is a word: for settings that are a number or a word.
  bool is_word(const std::string& key) const;
  const std::string& word(const std::string& key) const;
  /// One number or a list; a single number comes back as a list of one.
  std::vector<double> numbers(const std::string& key) const;
  std::vector<std::string> words(const std::string& key) const;
  /// True when the key has a value, be it given or a default.
  bool has(const std::string& key) const;
  /// True when the user gave the key.
  bool given(const std::string& key) const;

  void set(const std::string& key, Value value, bool by_user);
  const std::map<std::string, Value>& values() const { return values_; }

 private:
  std::map<std::string, Value> values_;
  std::map<std::string, bool> given_;
};

}  // namespace chronograd
