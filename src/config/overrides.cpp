// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "config/toml.hpp"
#include "config/words.hpp"

namespace chronograd {
Override parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string path = trimmed(text.substr(0, equals));
  const std::size_t dot = path.find('.');
  Override result;
  if (dot != std::string::npos) result.table = path.substr(0, dot);
  result.key = dot == std::string::npos ? path : path.substr(dot + 1);
  if (equals == std::string::npos || !is_key(result.key) || (dot != std::string::npos && !is_key(result.table)))
    throw Error(Exit::usage, "command line",
                "got " + quoted(text) + ", allowed is key=value or table.key=value. Example: optimizer.lr=0.01.");
  const std::string value = trimmed(text.substr(equals + 1));
  if (value.empty()) throw Error(Exit::usage, path, "got nothing after the =, a value is needed.");
  result.value = parse_value(value);
  return result;
}

std::string word_override(const std::string& key, const std::string& word) {
  const Raw raw = parse_value(word);
  const auto* text = std::get_if<std::string>(&raw.scalar);
  return key + "=" + ((text != nullptr ? *text : raw.typed) == word ? word : toml_text(word));
}

}  // namespace chronograd
