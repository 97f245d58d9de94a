// SPDX-License-Identifier: Apache-2.0
#include "config/record.hpp"

#include <algorithm>
#include <limits>

#include "base/json.hpp"
#include "chronograd/error.hpp"
#include "config/entries.hpp"

namespace chronograd {
namespace {

/// Older versions wrote one number where a list may stand as a list of one.
void unwrap(Json& value) {
  if (value.is_array() && value.size() == 1 && value.begin()->is_number()) value = Json(*value.begin());
}

Json parsed(const std::string& text, const std::string& name) {
  Json json = json_of(text);
  if (!json.is_object()) throw Error(Exit::data, name, "is no record of settings in JSON: it was cut or edited.");
  for (auto [key, value] : json.items()) {
    if (value.is_object())
      for (auto [inner, setting] : value.items()) unwrap(setting);
    else if (key != "given")
      unwrap(value);
  }
  return json;
}

bool scalar_of(const Json& json, Scalar& out) {
  constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
  if (json.is_boolean())
    out = json.get<bool>();
  else if (json.is_number_integer() && (!json.is_number_unsigned() || json.get<std::uint64_t>() <= largest))
    out = json.get<std::int64_t>();
  else if (json.is_number())
    out = json.get<double>();
  else if (json.is_string())
    out = json.get<std::string>();
  else
    return false;
  return true;
}

Raw raw_of(const Json& json, const std::string& place) {
  Raw raw;
  bool good = true;
  if (json.is_array()) {
    raw.kind = Raw::Kind::list;
    for (const Json& element : json) good = good && scalar_of(element, raw.list.emplace_back());
  } else {
    good = scalar_of(json, raw.scalar);
  }
  if (!good) throw Error(Exit::data, place, "got " + json.dump() + ", allowed is a value of a setting.");
  return raw;
}

/// Every setting by its path, `rule.name`.
std::map<std::string, Json> flat(const Json& json) {
  std::map<std::string, Json> values;
  for (const auto& [key, value] : json.items()) {
    if (key == "given") continue;
    if (!value.is_object()) {
      values[key] = value;
      continue;
    }
    for (const auto& [inner, setting] : value.items()) values[path_of(key, inner)] = setting;
  }
  return values;
}

std::string text_of(const std::map<std::string, Json>& values, const std::string& path) {
  const auto found = values.find(path);
  return found == values.end() || found->second.is_null() ? "nothing" : found->second.dump();
}

/// Where the settings imply no name of an entry any more, the name that they implied when the record was written.
void keep_implied(Settings& settings, const Json& json, const std::string& name) {
  for (const EntryKey& key : entry_keys()) {
    const auto table = settings.tables.find(key.table);
    if (key.implied == nullptr || table == settings.tables.end() || table->second.contains(key.key) ||
        !key.implied(word_of(table->second, key.implied_by)).empty())
      continue;
    if (json.contains(key.table) && json[key.table].is_object() && json[key.table].contains(key.key))
      table->second[key.key] = {raw_of(json[key.table][key.key], name), name, name};
  }
}

}  // namespace

const char* const resume_hint = "A run goes on as it began; give another --out for a new one.";

Record read_record(const std::string& text, const std::string& name) {
  const Json json = parsed(text, name);
  if (!json.contains("given") || !json["given"].is_array())
    throw Error(Exit::data, name, "has no list `given`: it is no resolved.json of this version.");
  Record record;
  for (const auto& [table, value] : json.items()) {
    if (!value.is_object()) continue;
    record.given.places[table] = name;
    // These two are there or not, even if nothing is given in them.
    if (table == "task" || table == "data") record.given.tables[table];
  }
  const std::map<std::string, Json> values = flat(json);
  const auto add = [&](Settings& settings, const std::string& path, const Json& value) {
    const std::size_t dot = path.find('.');
    const std::string table = dot == std::string::npos ? "" : path.substr(0, dot), key = path.substr(dot + 1);
    settings.tables[table][key] = {raw_of(value, name), name, name};
  };
  for (const Json& path : json["given"]) {
    const std::string word = path.is_string() ? path.get<std::string>() : "";
    const auto found = values.find(word);
    if (found == values.end())
      throw Error(Exit::data, name, "lists " + word + " as given, but has no value for it: it was edited.");
    add(record.given, word, found->second);
  }
  keep_implied(record.given, json, name);
  for (const auto& [path, value] : values)
    if (!value.is_null()) add(record.all, path, value);
  return record;
}

void require_same_record(const std::string& where, const std::string& begun_with, const std::string& got,
                         const std::string& hint, std::span<const char* const> except) {
  const std::map<std::string, Json> before = flat(parsed(begun_with, where)), now = flat(parsed(got, where));
  const auto check = [&](const std::string& path) {
    if (std::find(except.begin(), except.end(), path) != except.end()) return;
    const std::string was = text_of(before, path), is = text_of(now, path);
    if (was != is)
      throw Error(Exit::usage, where, "got " + path + " = " + is + ", the run was begun with " + was + ". " + hint);
  };
  for (const auto& [path, value] : now) check(path);
  for (const auto& [path, value] : before) check(path);
}

}  // namespace chronograd
