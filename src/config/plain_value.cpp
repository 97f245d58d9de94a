// SPDX-License-Identifier: Apache-2.0
#include "config/plain_value.hpp"

#include <charconv>

namespace chronograd {
namespace {

template <class Number>
bool read_whole(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Scalar scalar_of(std::string_view text) {
  std::int64_t whole = 0;
  double number = 0;
  if (text == "true" || text == "false") return text == "true";
  if (read_whole(text, whole)) return whole;
  if (read_whole(text, number)) return number;
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return std::string(text);
}

}  // namespace

Raw plain_value(std::string_view text) {
  Raw raw;
  raw.typed = text;
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    raw.scalar = scalar_of(text);
    return raw;
  }
  raw.kind = Raw::Kind::list;
  for (std::string_view rest = trim(text.substr(1, text.size() - 2)); !rest.empty();) {
    const std::size_t comma = rest.find(',');
    raw.list.push_back(scalar_of(trim(rest.substr(0, comma))));
    rest = comma == std::string_view::npos ? std::string_view() : trim(rest.substr(comma + 1));
  }
  return raw;
}

}  // namespace chronograd
