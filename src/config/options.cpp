// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>
#include <utility>

#include "chronograd/option.hpp"

namespace chronograd {
namespace {

[[noreturn]] void wrong_use(const std::string& key, const char* what) {
  throw std::logic_error("Options: " + key + " " + what);
}

const Value& value_of(const std::map<std::string, Value>& values, const std::string& key) {
  const auto found = values.find(key);
  if (found == values.end()) wrong_use(key, "has no value");
  return found->second;
}

template <class Type>
const Type& value_as(const std::map<std::string, Value>& values, const std::string& key, const char* what) {
  const Type* value = std::get_if<Type>(&value_of(values, key));
  if (value == nullptr) wrong_use(key, what);
  return *value;
}

}  // namespace

double Options::number(const std::string& key) const {
  const Value& value = value_of(values_, key);
  if (const std::int64_t* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return value_as<double>(values_, key, "is not a number");
}

std::int64_t Options::integer(const std::string& key) const {
  return value_as<std::int64_t>(values_, key, "is not a whole number");
}

bool Options::flag(const std::string& key) const {
  return value_as<bool>(values_, key, "is not a flag");
}

bool Options::is_word(const std::string& key) const {
  return std::holds_alternative<std::string>(value_of(values_, key));
}

const std::string& Options::word(const std::string& key) const {
  return value_as<std::string>(values_, key, "is not a word");
}

std::vector<double> Options::numbers(const std::string& key) const {
  if (const auto* list = std::get_if<std::vector<double>>(&value_of(values_, key))) return *list;
  return {number(key)};
}

std::vector<std::string> Options::words(const std::string& key) const {
  return value_as<std::vector<std::string>>(values_, key, "is not a list of words");
}

bool Options::has(const std::string& key) const {
  return values_.contains(key);
}

bool Options::given(const std::string& key) const {
  const auto found = given_.find(key);
  return found != given_.end() && found->second;
}

void Options::set(const std::string& key, Value value, bool by_user) {
  values_[key] = std::move(value);
  given_[key] = by_user;
}

}  // namespace chronograd
