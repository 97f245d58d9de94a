// SPDX-License-Identifier: Apache-2.0
#include "base/json_value.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace chronograd {
namespace {

using Text = nlohmann::ordered_json;

Json from(const Text& text) {
  switch (text.type()) {
    case Text::value_t::boolean:
      return text.get<bool>();
    case Text::value_t::number_integer:
      return text.get<std::int64_t>();
    case Text::value_t::number_unsigned:
      return text.get<std::uint64_t>();
    case Text::value_t::number_float:
      return text.get<double>();
    case Text::value_t::string:
      return text.get<std::string>();
    case Text::value_t::array: {
      Json json = Json::array();
      for (const Text& element : text) json.push_back(from(element));
      return json;
    }
    case Text::value_t::object: {
      Json json = Json::object();
      for (const auto& [name, value] : text.items()) json[name] = from(value);
      return json;
    }
    default:
      return nullptr;
  }
}

Text to(const Json& json) {
  switch (json.kind()) {
    case Json::Kind::boolean:
      return json.get<bool>();
    case Json::Kind::integer:
      return json.get<std::int64_t>();
    case Json::Kind::unsigned_integer:
      return json.get<std::uint64_t>();
    case Json::Kind::real:
      return json.get<double>();
    case Json::Kind::string:
      return json.get<std::string>();
    case Json::Kind::array: {
      Text text = Text::array();
      for (const Json& element : json) text.push_back(to(element));
      return text;
    }
    case Json::Kind::object: {
      Text text = Text::object();
      for (const auto& [name, value] : json.items()) text[name] = to(value);
      return text;
    }
    case Json::Kind::discarded:
      return Text(Text::value_t::discarded);
    default:
      return nullptr;
  }
}

}  // namespace

Json::Json(std::initializer_list<Json> elements) {
  const bool object = std::all_of(elements.begin(), elements.end(), [](const Json& element) {
    return element.is_array() && element.values_.size() == 2 && element.values_[0].is_string();
  });
  kind_ = object ? Kind::object : Kind::array;
  if (!object) {
    values_.assign(elements.begin(), elements.end());
    return;
  }
  for (const Json& element : elements) (*this)[element.values_[0].text_] = element.values_[1];
}

Json Json::array(std::initializer_list<Json> elements) {
  Json json;
  json.kind_ = Kind::array;
  json.values_.assign(elements.begin(), elements.end());
  return json;
}

Json Json::object() {
  Json json;
  json.kind_ = Kind::object;
  return json;
}

Json Json::read(std::string_view text) {
  const Text value = Text::parse(text, nullptr, false);
  if (!value.is_discarded()) return from(value);
  Json json;
  json.kind_ = Kind::discarded;
  return json;
}

Json Json::parse(std::string_view text) {
  Json json = read(text);
  if (json.is_discarded()) throw JsonError("the text is no JSON");
  return json;
}

std::string Json::dump(int indent) const {
  return to(*this).dump(indent, ' ', false, Text::error_handler_t::replace);
}

std::size_t Json::size() const {
  if (has_parts()) return values_.size();
  return is_null() ? 0 : 1;
}

const Json* Json::find(const std::string& name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? end() : begin() + (found - names_.begin());
}

const Json& Json::at(const std::string& name) const {
  if (!is_object()) refuse("an object");
  const Json* found = find(name);
  if (found == end()) throw JsonError("there is no " + name);
  return *found;
}

Json& Json::operator[](const std::string& name) {
  if (is_null()) kind_ = Kind::object;
  if (!is_object()) refuse("an object");
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return values_[static_cast<std::size_t>(found - names_.begin())];
  names_.push_back(name);
  return values_.emplace_back();
}

Json Json::value(const std::string& name, const Json& otherwise) const {
  if (!is_object()) refuse("an object");
  const Json* found = find(name);
  return found == end() ? otherwise : *found;
}

void Json::erase(const std::string& name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return;
  values_.erase(values_.begin() + (found - names_.begin()));
  names_.erase(found);
}

void Json::update(const Json& other) {
  if (!other.is_object()) other.refuse("an object");
  for (std::size_t i = 0; i < other.names_.size(); ++i) (*this)[other.names_[i]] = other.values_[i];
}

void Json::push_back(Json element) {
  if (is_null()) kind_ = Kind::array;
  if (!is_array()) refuse("an array");
  values_.push_back(std::move(element));
}

void Json::prepend(Json element) {
  if (!is_array()) refuse("an array");
  values_.insert(values_.begin(), std::move(element));
}

bool operator==(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    if (a.kind_ == b.kind_ && a.is_number_integer()) return a.number_.natural == b.number_.natural;
    if (a.is_number_integer() && b.is_number_integer()) {  // one of them has a sign
      const Json& whole = a.is_number_unsigned() ? b : a;
      return whole.number_.integer >= 0 && a.number_.natural == b.number_.natural;
    }
    return a.get<double>() == b.get<double>();
  }
  if (a.kind_ != b.kind_ || a.is_discarded()) return false;
  if (a.is_boolean()) return a.number_.boolean == b.number_.boolean;
  return a.text_ == b.text_ && a.names_ == b.names_ && a.values_ == b.values_;
}

bool Json::boolean() const {
  if (!is_boolean()) refuse("true or false");
  return number_.boolean;
}

double Json::real() const {
  if (kind_ != Kind::real) refuse("a number");
  return number_.real;
}

const std::string& Json::text() const {
  if (!is_string()) refuse("a string");
  return text_;
}

const std::vector<Json>& Json::elements() const {
  if (!is_array()) refuse("an array");
  return values_;
}

std::string Json::name(std::size_t index) const {
  if (is_object()) return names_[index];
  return is_array() ? std::to_string(index) : "";
}

void Json::refuse(const char* wanted) const {
  throw JsonError("is not " + std::string(wanted));
}

}  // namespace chronograd
