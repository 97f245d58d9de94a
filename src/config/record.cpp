// SPDX-License-Identifier: Apache-2.0
#include "config/record.hpp"

#include <algorithm>

#include "chronograd/error.hpp"
#include "config/entries.hpp"
#include "io/json.hpp"

namespace chronograd {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* changeable[] = {"threads", "train.checkpoint_every"};

Json parsed(const std::string& text, const std::string& name) {
  Json json = json_of<Json>(text);
  if (!json.is_object()) throw Error(Exit::data, name, "is no record of settings in JSON: it was cut or edited.");
  return json;
}

bool scalar_of(const Json& json, Scalar& out) {
  if (json.is_boolean())
    out = json.get<bool>();
  else if (json.is_number_integer())
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

const std::span<const char* const> may_change = changeable;
const char* const resume_hint = "A run goes on as it began; give another --out for a new one.";

Settings read_record(const std::string& text, const std::string& name) {
  const Json json = parsed(text, name);
  if (!json.contains("given") || !json["given"].is_array())
    throw Error(Exit::data, name, "has no list `given`: it is no resolved.json of this version.");
  Settings settings;
  for (const auto& [key, value] : json.items())
    if (value.is_object()) {
      settings.places[key] = name;
      if (key == "task" || key == "data") settings.tables[key];  // an empty table is there, too
    }
  for (const Json& path : json["given"]) {
    const std::string word = path.is_string() ? path.get<std::string>() : "";
    const std::size_t dot = word.find('.');
    const std::string table = dot == std::string::npos ? "" : word.substr(0, dot), key = word.substr(dot + 1);
    const Json* from = &json;
    if (!table.empty()) from = json.contains(table) && json[table].is_object() ? &json[table] : nullptr;
    if (from == nullptr || !from->contains(key))
      throw Error(Exit::data, name, "lists " + word + " as given, but has no value for it: it was edited.");
    settings.tables[table][key] = {raw_of((*from)[key], name), name, name};
  }
  keep_implied(settings, json, name);
  return settings;
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
