// SPDX-License-Identifier: Apache-2.0
#include "config/toml.hpp"

#include <toml++/toml.h>

#include "base/text.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

bool scalar_of(const toml::node& node, Scalar& out) {
  if (const auto* flag = node.as_boolean())
    out = flag->get();
  else if (const auto* whole = node.as_integer())
    out = whole->get();
  else if (const auto* number = node.as_floating_point())
    out = number->get();
  else if (const auto* word = node.as_string())
    out = word->get();
  else
    return false;
  return true;
}

Raw raw_of(const toml::node& node) {
  Raw raw;
  if (scalar_of(node, raw.scalar)) return raw;
  raw.kind = Raw::Kind::other;
  if (const auto* array = node.as_array()) {
    raw.other = "a list of lists or tables";
    for (const toml::node& element : *array)
      if (!scalar_of(element, raw.list.emplace_back())) return raw;
    raw.kind = Raw::Kind::list;
  } else {
    raw.other = node.is_table() ? "a table" : "a date or time";
  }
  return raw;
}

std::string place_of(const std::string& name, const toml::source_position& at) {
  return name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

/// The only element of the list `v` of a TOML text; null if it has something else.
const toml::node* only_element(const toml::table& table) {
  const toml::array* list = table["v"].as_array();
  return table.size() == 1 && list != nullptr && list->size() == 1 ? &(*list)[0] : nullptr;
}

/// True if `text` is one TOML value and nothing else: no comment, no comma, no further line.
bool parse_toml_value(const std::string& text, Raw& out) {
  if (text.empty() || text.back() == ',' || text.find_first_of("\r\n") != std::string::npos) return false;
  try {
    const toml::table table = toml::parse("v = [" + text + "]");  // a comment would hide this bracket ...
    const toml::node* value = only_element(table);
    if (value == nullptr) return false;
    if (text.find('#') != std::string::npos)
      static_cast<void>(toml::parse("v = [" + text + "\n]"));  // ... or follow one
    out = raw_of(*value);
    return true;
  } catch (const toml::parse_error&) {
    return false;
  }
}

}  // namespace

std::string toml_mistake(std::string_view description) {
  std::string text(description);
  for (char& c : text)  // it repeats what it met, line ends too
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return "is not TOML: " + text + ".";
}

Settings read_settings(const std::string& text, const std::string& name) {
  Settings settings;
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw Error(Exit::usage, place_of(name, error.source().begin), toml_mistake(error.description()));
  }
  const auto add = [&](const std::string& table, const toml::key& key, const toml::node& node) {
    settings.tables[table][std::string(key.str())] = {raw_of(node), place_of(name, key.source().begin),
                                                      place_of(name, node.source().begin)};
  };
  for (auto&& [key, node] : root) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      add("", key, node);
      continue;
    }
    const std::string title(key.str());
    settings.tables[title];  // an empty table is there, too
    settings.places[title] = place_of(name, key.source().begin);
    for (auto&& [inner, value] : *table) add(title, inner, value);
  }
  return settings;
}

Raw parse_value(const std::string& text) {
  const std::string value = trimmed(text);
  Raw raw;
  if (!parse_toml_value(value, raw)) {
    raw = Raw{};
    raw.scalar = value;
    // Shells eat the quotes of ["rtrl"]: words of a list may stand without.
    if (value.size() >= 2 && value.front() == '[' && value.back() == ']') {
      raw.kind = Raw::Kind::list;
      for (const std::string& word : split_list("list", value.substr(1, value.size() - 2))) {
        Raw element;
        if (!parse_toml_value(word, element)) element.scalar = word;
        if (element.kind != Raw::Kind::scalar || word.front() == '[') {
          raw.kind = Raw::Kind::other;
          raw.other = "a list of lists or tables";
          break;
        }
        raw.list.push_back(element.scalar);
      }
    }
  }
  raw.typed = value;
  return raw;
}

}  // namespace chronograd
