// SPDX-License-Identifier: Apache-2.0
#include "completion.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "chronograd/config.hpp"
#include "config/entries.hpp"
#include "verbs.hpp"

namespace chronograd {
namespace {

using Words = std::vector<std::string>;

/// Words between blanks, without the shell's quotes; the last one may be empty.
Words words_of(const std::string& line) {
  Words words = {""};
  for (const char c : line) {
    if (c == ' ' || c == '\t')
      words.emplace_back();
    else if (c != '\'' && c != '"')
      words.back() += c;
  }
  const std::string last = words.back();
  std::erase(words, "");
  if (last.empty()) words.emplace_back();
  return words;
}

/// All settings by their paths, those of entries too.
std::map<std::string, const Option*> settings() {
  std::map<std::string, const Option*> all;
  for (const OptionTable& table : option_tables())
    for (const Option& option : table.options) all.emplace(path_of(table.name, option.key), &option);
  for (const EntryKey& key : entry_keys())
    for (const Entry* entry : key.entries())
      for (const Option& option : entry->options) all.emplace(path_of(key.table, option.key), &option);
  return all;
}

/// What the setting may be, if that is one of some words.
Words values_of(const std::string& path) {
  for (const EntryKey& key : entry_keys())
    if (path == path_of(key.table, key.key)) return names_of(key);
  const auto all = settings();
  const auto found = all.find(path);
  if (found == all.end()) return {};
  if (found->second->type == OptionType::flag) return {"false", "true"};
  std::istringstream choices(found->second->choices);
  Words words;
  for (std::string word; std::getline(choices, word, '|');) words.push_back(word);
  return words;
}

/// `key=value`, or first the table.
Words changes(const std::string& word) {
  Words words;
  if (const std::size_t equals = word.find('='); equals != std::string::npos) {
    const std::size_t list = word.rfind(',');
    const std::string before = word.substr(0, list == std::string::npos ? equals + 1 : list + 1);
    for (const std::string& value : values_of(word.substr(0, equals))) words.push_back(before + value);
    return words;
  }
  for (const auto& [path, option] : settings()) {
    const std::size_t dot = path.find('.');
    words.push_back(dot == std::string::npos || word.find('.') != std::string::npos ? path + "="
                                                                                    : path.substr(0, dot + 1));
  }
  return words;
}

/// A list of words, of which the last one is asked for.
Words listed(const Words& words, const std::string& word) {
  const std::size_t comma = word.rfind(',');
  Words all;
  for (const std::string& one : words) all.push_back(word.substr(0, comma == std::string::npos ? 0 : comma + 1) + one);
  return all;
}

class Line {
 public:
  explicit Line(Verb& verb) : verb_(verb), line_(verb.name(), "") {
    declare(verb, line_, common_);
    declared_ = line_.declared();
  }

  Words after(const Words& words, const std::string& last) {
    Words before;
    const CommandLine::Declared* asked = nullptr;  // a flag that waits for its value
    for (const std::string& word : words) {
      if (asked == nullptr && word.starts_with("-"))
        asked = flag(word);
      else if (asked != nullptr)
        asked = nullptr;
      else
        before.push_back(word);
    }
    if (asked != nullptr) return value_of(*asked, before, last);
    if (last.starts_with("-")) return flags();
    return argument(before, last);
  }

 private:
  /// The flag of this name, if it takes a value.
  const CommandLine::Declared* flag(const std::string& word) const {
    for (const CommandLine::Declared& one : declared_)
      if (!one.value.empty() && std::find(one.names.begin(), one.names.end(), word) != one.names.end()) return &one;
    return nullptr;
  }
  Words flags() const {
    Words words;
    for (const CommandLine::Declared& one : declared_)
      if (one.is_flag) words.push_back(one.names.back());
    return words;
  }
  Words value_of(const CommandLine::Declared& flag, const Words& before, const std::string& last) const {
    return listed(verb_.words_for(flag.names.back(), before), last);
  }
  Words argument(const Words& before, const std::string& last) const {
    std::size_t at = 0;
    for (const CommandLine::Declared& one : declared_) {
      if (one.is_flag || (at++ < before.size() && !one.many)) continue;
      if (one.names.back().find('=') != std::string::npos) return changes(last);
      return verb_.words_for(one.names.back(), before);
    }
    return {};
  }

  Verb& verb_;
  Common common_;
  CommandLine line_;
  std::vector<CommandLine::Declared> declared_;
};

Words candidates(const Words& before, const std::string& last) {
  const auto verbs = make_verbs();
  Words words;
  for (const auto& verb : verbs) {
    if (before.size() > 1 && before[1] == verb->name())
      return Line(*verb).after({before.begin() + 2, before.end()}, last);
    words.emplace_back(verb->name());
  }
  if (before.size() > 1) return {};
  words.insert(words.end(), {"--help", "--version"});
  return words;
}

}  // namespace

std::vector<std::string> completions(const std::string& line) {
  Words words = words_of(line);
  const std::string last = words.back();
  words.pop_back();
  if (words.empty()) return {};
  std::set<std::string> all;
  for (const std::string& word : candidates(words, last))
    if (word.starts_with(last)) all.insert(word);
  return {all.begin(), all.end()};
}

}  // namespace chronograd
