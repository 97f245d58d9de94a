// SPDX-License-Identifier: Apache-2.0
#include "config/words.hpp"

#include <charconv>
#include <cstdio>
#include <limits>
#include <set>

#include "base/text.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr std::size_t most_seeds = 100000;

[[noreturn]] void refuse_seeds(const std::string& got, const std::string& hint = "") {
  throw Error(Exit::usage, "--seeds", "got " + quoted(got) + ", allowed is a range 0..4 or a list 0,3,7." + hint);
}

std::uint64_t seed_of(const std::string& text, const std::string& all) {
  std::uint64_t seed = 0;
  const std::string digits = trimmed(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seed);
  if (error != std::errc() || end != digits.data() + digits.size() ||
      seed > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    refuse_seeds(all);
  return seed;
}

}  // namespace

std::vector<std::string> split_list(const std::string& where, const std::string& text) {
  std::vector<std::string> parts;
  std::string open;  // brackets that wait to be closed
  char quote = '\0';
  std::string part;
  const auto close = [&] {
    part = trimmed(part);
    if (part.empty()) throw Error(Exit::usage, where, "got " + quoted(text) + ", an element of the list is empty.");
    parts.push_back(part);
    part.clear();
  };
  bool escaped = false;
  for (const char c : text) {
    if (quote != '\0') {
      if (c == quote && !escaped) quote = '\0';
      escaped = quote == '"' && c == '\\' && !escaped;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(' || c == '[') {
      open += c;
    } else if (c == ')' || c == ']') {
      if (open.empty() || (open.back() == '(') != (c == ')'))
        throw Error(Exit::usage, where, "got " + quoted(text) + ", a bracket " + c + " closes nothing.");
      open.pop_back();
    } else if (c == ',' && open.empty()) {
      close();
      continue;
    }
    part += c;
  }
  if (quote != '\0') throw Error(Exit::usage, where, "got " + quoted(text) + ", a quote is not closed.");
  if (!open.empty())
    throw Error(Exit::usage, where, "got " + quoted(text) + ", a bracket " + open.back() + " is not closed.");
  close();
  return parts;
}

std::vector<std::uint64_t> parse_seeds(const std::string& text) {
  std::vector<std::uint64_t> seeds;
  std::set<std::uint64_t> seen;
  std::string rest = text + ",";
  for (std::size_t comma = rest.find(','); comma != std::string::npos; comma = rest.find(',')) {
    const std::string part = rest.substr(0, comma);
    rest.erase(0, comma + 1);
    const std::size_t dots = part.find("..");
    const std::uint64_t first = seed_of(part.substr(0, dots), text);
    const std::uint64_t last = dots == std::string::npos ? first : seed_of(part.substr(dots + 2), text);
    if (last < first) refuse_seeds(text, " A range goes upwards.");
    if (last - first >= most_seeds - seeds.size())
      refuse_seeds(text, " At most " + std::to_string(most_seeds) + " seeds.");
    for (std::uint64_t seed = first;; ++seed) {
      if (!seen.insert(seed).second) refuse_seeds(text, " " + std::to_string(seed) + " is named twice.");
      seeds.push_back(seed);
      if (seed == last) break;
    }
  }
  return seeds;
}

bool is_key(const std::string& text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
                              std::string::npos;
}

std::string toml_text(const Value& value) {
  const auto quote = [](const std::string& word) {
    std::string text = "\"";
    for (const char c : word) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || byte == 0x7f) {
        char code[8];
        std::snprintf(code, sizeof code, "\\u%04x", unsigned{byte});
        text += code;
        continue;
      }
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    return text + "\"";
  };
  const auto list = [](const auto& elements, const auto& text_of) {
    std::string text;
    for (const auto& element : elements) text += (text.empty() ? "" : ", ") + text_of(element);
    return "[" + text + "]";
  };
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  if (const auto* word = std::get_if<std::string>(&value)) return quote(*word);
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) return list(*numbers, number_text);
  return list(std::get<std::vector<std::string>>(value), quote);
}

}  // namespace chronograd
