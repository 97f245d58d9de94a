// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>

namespace chronograd {

std::string quoted(const std::string& word) {
  constexpr std::size_t longest = 60;
  std::string text = "\"";
  std::size_t end = word.size();
  if (end > longest) {
    end = longest;
    while (end > 0 && (static_cast<unsigned char>(word[end]) & 0xC0u) == 0x80u) --end;  // not inside a UTF-8 letter
  }
  for (std::size_t i = 0; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(word[i]);
    text += byte < 0x20 || byte == 0x7f ? '?' : word[i];
  }
  return text + (end < word.size() ? "...\"" : "\"");
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::vector<std::string> choices_of(const char* choices) {
  std::vector<std::string> words;
  std::string word;
  for (const char* c = choices; *c != '\0'; ++c) {
    if (*c == '|') {
      words.push_back(word);
      word.clear();
    } else {
      word += *c;
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

std::string trimmed(const std::string& text) {
  constexpr const char* blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string number_text(double x) {
  if (std::fabs(x) < 1e15 && x == std::floor(x)) return std::to_string(static_cast<std::int64_t>(x));  // no 1e+06
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, x);
  return std::string(digits, end.ptr);
}

}  // namespace chronograd
