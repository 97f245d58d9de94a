// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chronograd {

/// A text as symbols: each a byte or a character (a Unicode code point) that occurs in it.
struct SymbolText {
  std::vector<std::uint16_t> symbols;   ///< by number in `alphabet`; two bytes each
  std::vector<std::uint32_t> alphabet;  ///< the bytes or code points, ascending
};

/// Reads a text that lies in memory, plain or gzipped; a UTF-8 byte order mark is passed over. Throws Error (data),
/// which names line and column: what is no UTF-8 or a zero byte (with `characters`), more than 65535 different
/// characters, and for an empty text.
SymbolText read_symbols(std::string_view bytes, const std::string& where, bool characters);

/// A code point as people read it: `a`, `newline`, `U+00E9`.
std::string symbol_name(std::uint32_t code);

}  // namespace chronograd
