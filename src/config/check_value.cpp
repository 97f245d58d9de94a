// SPDX-License-Identifier: Apache-2.0
#include "config/check_value.hpp"

#include <cmath>

#include "base/text.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "config/hints.hpp"
#include "config/plain_value.hpp"

namespace chronograd {
namespace {

std::string range_of(const Option& option) {
  const bool below = std::isfinite(option.low), above = std::isfinite(option.high);
  std::string text;
  if (option.low == option.high)
    text = " equal to " + number_text(option.low);
  else if (below && above)
    text =
        (option.low_is_excluded ? " in (" : " in [") + number_text(option.low) + ", " + number_text(option.high) + "]";
  else if (below)
    text = (option.low_is_excluded ? " > " : " >= ") + number_text(option.low);
  else if (above)
    text = " <= " + number_text(option.high);
  return *option.unit != '\0' ? text + " " + option.unit : text;
}

bool in_range(const Option& option, double x) {
  return (option.low_is_excluded ? x > option.low : x >= option.low) && x <= option.high;
}

class Check {
 public:
  Check(const std::string& where, const Option& option) : where_(where), option_(option) {}

  [[noreturn]] void refuse(const std::string& got, const std::string& hint = "") const {
    throw Error(Exit::usage, where_, "got " + got + ", allowed is " + allowed_text(option_) + "." + hint);
  }

  double number(const Scalar& scalar, const Raw& raw) const {
    double x = 0;
    if (const auto* whole = std::get_if<std::int64_t>(&scalar))
      x = static_cast<double>(*whole);
    else if (const auto* number = std::get_if<double>(&scalar))
      x = *number;
    else
      refuse(raw.got());
    if (!std::isfinite(x) || !in_range(option_, x)) refuse(number_text(x));
    return x;
  }

  std::int64_t integer(const Raw& raw) const {
    if (raw.kind != Raw::Kind::scalar) refuse(raw.got());
    if (const double* x = std::get_if<double>(&raw.scalar)) {
      const bool whole = std::fabs(*x) < 1e15 && *x == std::floor(*x);
      refuse(raw.got(), whole ? " Write " + std::to_string(static_cast<std::int64_t>(*x)) + "." : "");
    }
    const auto* x = std::get_if<std::int64_t>(&raw.scalar);
    if (x == nullptr || !in_range(option_, static_cast<double>(*x))) refuse(raw.got());
    return *x;
  }

  std::string word(const Scalar& scalar, const Raw& raw) const {
    const auto* text = std::get_if<std::string>(&scalar);
    if (text == nullptr && raw.typed.empty()) refuse(raw.got());
    std::string word = text != nullptr ? *text : raw.typed;  // on the command line no quotes are needed
    if (word.find('\0') != std::string::npos || word.empty()) refuse(word.empty() ? "an empty word" : quoted(word));
    choose(word);
    return word;
  }

  void choose(const std::string& word) const {
    const std::vector<std::string> choices = choices_of(option_.choices);
    if (choices.empty()) return;
    for (const std::string& choice : choices)
      if (word == choice) return;
    std::string hint = name_hint(word, choices);
    if (!hint.empty()) hint[0] = 'D';  // did you mean
    refuse("the word " + quoted(word), hint.empty() ? "" : " " + hint);
  }

 private:
  const std::string& where_;
  const Option& option_;
};

Value numbers_of(const Check& check, const Raw& raw) {
  if (raw.kind == Raw::Kind::scalar) return check.number(raw.scalar, raw);
  if (raw.kind != Raw::Kind::list || raw.list.empty()) check.refuse(raw.got());
  std::vector<double> values;
  for (const Scalar& scalar : raw.list) {
    Raw element;
    element.scalar = scalar;
    values.push_back(check.number(scalar, element));
  }
  if (values.size() == 1) return values[0];  // it means the same: one form, so that records of it are equal
  return values;
}

Value words_of(const std::string& where, const Check& check, const Raw& raw) {
  std::vector<std::string> words;
  if (raw.kind == Raw::Kind::scalar) {
    // One word is a list of one, `a,b(c=1,d=2)` one of two.
    for (const std::string& word : split_list(where, check.word(raw.scalar, raw))) words.push_back(word);
    return words;
  }
  if (raw.kind != Raw::Kind::list) check.refuse(raw.got());
  for (const Scalar& scalar : raw.list) {
    Raw element;
    element.scalar = scalar;
    words.push_back(check.word(scalar, element));
  }
  return words;
}

/// ` or "balanced"`
std::string or_words(const std::vector<std::string>& choices) {
  std::string text;
  for (const std::string& choice : choices) text += " or \"" + choice + "\"";
  return text;
}

}  // namespace

std::string allowed_text(const Option& option) {
  const std::vector<std::string> choices = choices_of(option.choices);
  const std::string one_of = choices.size() == 1 ? choices[0] : "one of " + joined(choices);
  switch (option.type) {
    case OptionType::number:
      return "a number" + range_of(option);
    case OptionType::integer:
      return "a whole number" + range_of(option);
    case OptionType::flag:
      return "true or false";
    case OptionType::word:
      return choices.empty() ? "a word" : one_of;
    case OptionType::numbers:
      return "a number" + range_of(option) + (choices.empty() ? " or" : ",") + " a list of such numbers" +
             or_words(choices);
    case OptionType::words:
      return choices.empty() ? "a list of words" : "a list of words out of " + joined(choices);
    case OptionType::steps:
      return "a whole number" + range_of(option) + " or \"trial\"";
    case OptionType::number_or_word:
      return "a number" + range_of(option) + (choices.empty() ? " or a word" : or_words(choices));
  }
  return "";
}

Value checked_value(const std::string& where, const Option& option, const Raw& raw) {
  const Check check(where, option);
  switch (option.type) {
    case OptionType::number:
      if (raw.kind != Raw::Kind::scalar) check.refuse(raw.got());
      return check.number(raw.scalar, raw);
    case OptionType::integer:
      return check.integer(raw);
    case OptionType::flag:
      if (raw.kind != Raw::Kind::scalar || !std::holds_alternative<bool>(raw.scalar)) check.refuse(raw.got());
      return std::get<bool>(raw.scalar);
    case OptionType::word:
      if (raw.kind != Raw::Kind::scalar && raw.typed.empty()) check.refuse(raw.got());
      return check.word(raw.scalar, raw);
    case OptionType::numbers:
      if (*option.choices != '\0' && raw.kind == Raw::Kind::scalar && std::holds_alternative<std::string>(raw.scalar))
        return check.word(raw.scalar, raw);
      return numbers_of(check, raw);
    case OptionType::words:
      return words_of(where, check, raw);
    case OptionType::steps:
      if (const auto* word = std::get_if<std::string>(&raw.scalar); word != nullptr && raw.kind == Raw::Kind::scalar)
        return *word == "trial" ? std::int64_t{0} : (check.refuse(raw.got()), std::int64_t{0});
      return check.integer(raw);
    case OptionType::number_or_word:
      if (raw.kind == Raw::Kind::scalar && std::holds_alternative<std::string>(raw.scalar))
        return check.word(raw.scalar, raw);
      if (raw.kind != Raw::Kind::scalar) check.refuse(raw.got());
      return check.number(raw.scalar, raw);
  }
  return false;
}

Value default_value(const Option& option) {
  return checked_value(option.key, option, plain_value(option.fallback));
}

}  // namespace chronograd
