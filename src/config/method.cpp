// SPDX-License-Identifier: Apache-2.0
#include "chronograd/method.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "config/entries.hpp"
#include "config/words.hpp"

namespace chronograd {
namespace {

/// The key that names methods (of `table`, unless it is empty) and has an entry of this name; the first such key where
/// none has.
const EntryKey& key_of(const std::string& name, const std::string& table) {
  const EntryKey* first = nullptr;
  for (const EntryKey& key : entry_keys()) {
    if (!key.method || (!table.empty() && table != key.table)) continue;
    if (entry_of(key, name) != nullptr) return key;
    if (first == nullptr) first = &key;
  }
  return *first;
}

/// A path without its table, where it is one of a method's entry.
std::string short_path(const std::string& path) {
  for (const EntryKey& key : entry_keys())
    if (const std::string table = key.table + std::string("."); key.method && path.starts_with(table))
      return path.substr(table.size());
  return path;
}

std::string written(const std::string& name, const Method::Settings& settings) {
  std::string inside;
  for (const auto& [key, value] : settings) inside += (inside.empty() ? "" : ", ") + key + "=" + value;
  return name + (inside.empty() ? "" : "(" + inside + ")");
}

}  // namespace

bool Method::sets(const std::string& path) const {
  return std::any_of(settings.begin(), settings.end(), [&](const auto& setting) { return setting.first == path; });
}

std::vector<std::string> Method::overrides() const {
  std::vector<std::string> words = {path_of(table, key) + "=\"" + name + "\""};
  for (const auto& [path, value] : settings) words.push_back(path + "=" + value);
  return words;
}

Method Method::with(const Settings& further) const {
  if (further.empty()) return *this;
  Method method = *this;
  for (const auto& [path, value] : further) {
    const auto same = std::find_if(method.settings.begin(), method.settings.end(),
                                   [&, &path = path](const auto& setting) { return setting.first == path; });
    if (same != method.settings.end())
      same->second = value;
    else
      method.settings.emplace_back(path, value);
  }
  method.word = method_word(name, method.settings);
  return method;
}

std::string Method::label() const {
  Settings bare;
  for (const auto& [path, value] : settings) bare.emplace_back(path.substr(path.find('.') + 1), value);
  return written(name, bare);
}

bool Method::operator==(const Method& other) const {
  Settings mine = settings, others = other.settings;
  std::sort(mine.begin(), mine.end());
  std::sort(others.begin(), others.end());
  return table == other.table && key == other.key && name == other.name && mine == others;
}

Method parse_method(const std::string& where, const std::string& word, const std::string& table) {
  const std::string text = trimmed(word);
  const std::size_t open = text.find('(');
  const std::string name = trimmed(text.substr(0, open));
  if (!is_key(name) || (open != std::string::npos && text.back() != ')'))
    throw Error(Exit::usage, where,
                "got " + quoted(word) +
                    ", allowed is a rule or rule(key=value, ...). Example: tbptt(L=10, optimizer.lr=0.01).");
  const EntryKey& entry = key_of(name, table);
  Method method{entry.table, entry.key, name, text, {}};
  if (open == std::string::npos) return method;
  const std::string inner = text.substr(open + 1, text.size() - open - 2);
  if (trimmed(inner).empty()) return method;
  for (const std::string& part : split_list(where, inner)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos)
      throw Error(Exit::usage, where,
                  "got " + quoted(part) + " in " + quoted(word) + ", allowed is key=value. Example: snap(n=2).");
    const std::string key = trimmed(part.substr(0, equals));
    const std::string path = key.find('.') == std::string::npos ? path_of(entry.table, key) : key;
    if (path == path_of(entry.table, entry.key))
      throw Error(Exit::usage, where, "got " + quoted(word) + ", the rule's name stands before the bracket.");
    method.settings.emplace_back(path, trimmed(part.substr(equals + 1)));
  }
  return method;
}

std::vector<Method> parse_methods(const std::string& where, const std::vector<std::string>& words,
                                  const std::string& table) {
  std::vector<Method> methods;
  for (const std::string& word : words) methods.push_back(parse_method(where, word, table));
  return methods;
}

std::string method_table(const Config& config) {
  return config.has("net") ? "interface" : "rule";
}

std::string method_name(const Config& config) {
  return config.table(method_table(config)).word("name");
}

bool names_method(const std::string& path) {
  const auto keys = entry_keys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const EntryKey& key) { return key.method && path == path_of(key.table, key.key); });
}

bool in_method_table(const std::string& path) {
  const auto keys = entry_keys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const EntryKey& key) { return key.method && path.starts_with(path_of(key.table, "")); });
}

std::string method_word(const std::string& name, const Method::Settings& settings) {
  Method::Settings shown;
  for (const auto& [path, value] : settings) shown.emplace_back(short_path(path), value);
  return written(name, shown);
}

}  // namespace chronograd
