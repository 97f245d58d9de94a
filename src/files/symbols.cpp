// SPDX-License-Identifier: Apache-2.0
#include "files/symbols.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "chronograd/error.hpp"
#include "files/content.hpp"

namespace chronograd {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 16U;
constexpr std::size_t most_symbols = 65535;
constexpr const char* utf8 = "UTF-8, which iconv and editors make of other encodings";

std::string hexadecimal(std::uint32_t value, int digits) {
  std::string text;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) text += "0123456789ABCDEF"[value >> shift & 15U];
  return text;
}

/// Turns bytes into code points and numbers them in the order in which they are met.
class SymbolReader {
 public:
  SymbolReader(std::string_view bytes, const std::string& where, bool characters)
      : content_(bytes, where), where_(where), characters_(characters) {}

  SymbolText read() {
    std::vector<unsigned char> block(block_bytes);
    for (;;) {
      const std::size_t got = content_.read(block.data(), block.size());
      for (std::size_t i = 0; i < got; ++i) take(block[i]);
      if (got < block.size()) break;
    }
    if (wanted_ > 0) refuse("a character that ends too early", utf8);
    if (text_.symbols.empty()) throw Error(Exit::data, where_, "got an empty text, allowed is at least one character.");
    sort();
    return std::move(text_);
  }

 private:
  [[noreturn]] void refuse(const std::string& got, const std::string& allowed) const {
    throw Error(Exit::data, where_ + ":" + std::to_string(line_) + ":" + std::to_string(column_),
                "got " + got + ", allowed is " + allowed + ". data.unit = \"byte\" takes any file.");
  }

  void take(unsigned char byte) {
    if (!characters_) return add(byte);
    // A zero byte is a character of UTF-8, but of no text: in UTF-16 each second one is zero.
    if (byte == 0) refuse("a zero byte: this is UTF-16, or no text", utf8);
    if (wanted_ == 0) {
      if (byte < 0x80) return add(byte);
      wanted_ = byte >= 0xf0 && byte < 0xf5 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : 0;
      // UTF-16's byte order mark is FE FF or FF FE.
      const bool mark = byte >= 0xfe && text_.symbols.empty();
      if (wanted_ == 0) refuse("the byte " + hexadecimal(byte, 2) + (mark ? ", which begins UTF-16" : ""), utf8);
      code_ = byte & (0x3fU >> wanted_);
      lowest_ = wanted_ == 3 ? 0x10000 : wanted_ == 2 ? 0x800 : 0x80;
      return;
    }
    if ((byte & 0xc0U) != 0x80U) refuse("the byte " + hexadecimal(byte, 2) + " inside a character", utf8);
    code_ = code_ << 6U | (byte & 0x3fU);
    if (--wanted_ > 0) return;
    if (code_ < lowest_ || code_ > 0x10ffff || (code_ >= 0xd800 && code_ < 0xe000))
      refuse("U+" + hexadecimal(code_, 6) + " in a form that Unicode does not allow", utf8);
    constexpr std::uint32_t mark = 0xfeff;
    if (code_ != mark || started_) add(code_);
    started_ = true;
  }

  void add(std::uint32_t code) {
    started_ = true;
    const auto [place, is_new] = numbers_.emplace(code, static_cast<std::uint16_t>(text_.alphabet.size()));
    if (is_new) {
      if (text_.alphabet.size() == most_symbols) refuse("a text of more than 65535 different characters", "fewer");
      text_.alphabet.push_back(code);
    }
    text_.symbols.push_back(place->second);
    if (code == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
  }

  /// Numbers the symbols in their own order, whatever the text.
  void sort() {
    std::vector<std::uint16_t> by_code(text_.alphabet.size()), number(text_.alphabet.size());
    std::iota(by_code.begin(), by_code.end(), std::uint16_t{0});
    std::sort(by_code.begin(), by_code.end(),
              [&](std::uint16_t a, std::uint16_t b) { return text_.alphabet[a] < text_.alphabet[b]; });
    std::vector<std::uint32_t> alphabet;
    for (std::size_t k = 0; k < by_code.size(); ++k) {
      number[by_code[k]] = static_cast<std::uint16_t>(k);
      alphabet.push_back(text_.alphabet[by_code[k]]);
    }
    text_.alphabet = std::move(alphabet);
    for (std::uint16_t& symbol : text_.symbols) symbol = number[symbol];
  }

  Content content_;
  const std::string& where_;
  bool characters_;
  SymbolText text_;
  std::unordered_map<std::uint32_t, std::uint16_t> numbers_;
  std::uint32_t code_ = 0, lowest_ = 0;
  int wanted_ = 0;  ///< bytes that are still to come of a character
  bool started_ = false;
  std::size_t line_ = 1, column_ = 1;
};

}  // namespace

SymbolText read_symbols(std::string_view bytes, const std::string& where, bool characters) {
  return SymbolReader(bytes, where, characters).read();
}

std::string symbol_name(std::uint32_t code) {
  if (code == '\n') return "newline";
  if (code == ' ') return "blank";
  if (code > 0x20 && code < 0x7f) return std::string(1, static_cast<char>(code));
  return "U+" + hexadecimal(code, code > 0xffff ? 6 : 4);
}

}  // namespace chronograd
