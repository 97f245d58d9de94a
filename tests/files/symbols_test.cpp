// SPDX-License-Identifier: Apache-2.0
#include "files/symbols.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "files/archives.hpp"

namespace chronograd {
namespace {

using testing::data_error;
using ::testing::StartsWith;
using Codes = std::vector<std::uint32_t>;
using Symbols = std::vector<std::uint16_t>;

SymbolText characters(const std::string& bytes) {
  return read_symbols(bytes, "f", true);
}

TEST(Text, SymbolsAreNumberedInTheirOwnOrder) {
  const SymbolText text = characters("banana\n");
  EXPECT_EQ(text.alphabet, (Codes{'\n', 'a', 'b', 'n'}));
  EXPECT_EQ(text.symbols, (Symbols{2, 1, 3, 1, 3, 1, 0}));
}

TEST(Text, CharactersOfOneToFourBytes) {
  const SymbolText text = characters("a\xc3\xa9\xe2\x80\x94\xf0\x9f\x90\x8b");
  EXPECT_EQ(text.alphabet, (Codes{'a', 0xe9, 0x2014, 0x1f40b}));
  EXPECT_EQ(text.symbols, (Symbols{0, 1, 2, 3}));
  EXPECT_EQ(characters("\xef\xbb\xbf" + std::string("ab")).alphabet, (Codes{'a', 'b'})) << "byte order mark";
  EXPECT_EQ(characters("a\xef\xbb\xbf").alphabet, (Codes{'a', 0xfeff})) << "elsewhere it is a character";
}

TEST(Text, BytesOfAnyFile) {
  const SymbolText text = read_symbols(std::string("\xff\0\xff", 3), "f", false);
  EXPECT_EQ(text.alphabet, (Codes{0, 255}));
  EXPECT_EQ(text.symbols, (Symbols{1, 0, 1}));
}

TEST(Text, Gzipped) {
  const std::string text = "Call me Ishmael.\n";
  EXPECT_EQ(characters(testing::deflated(text, 31)).symbols, characters(text).symbols);
}

TEST(Text, RefusesWithLineAndColumn) {
  const struct {
    std::string bytes;
    const char* start;
  } cases[] = {
      {"", "[f] got an empty text"},
      {"\xef\xbb\xbf", "[f] got an empty text"},
      {"ab\nc\xff", "[f:2:2] got the byte FF, allowed is UTF-8, which iconv"},
      {"\x80", "[f:1:1] got the byte 80"},
      {"a\xc3z", "[f:1:2] got the byte 7A inside a character"},
      {"a\xe2\x80", "[f:1:2] got a character that ends too early"},
      {"\xc0\xaf", "[f:1:1] got the byte C0"},
      {"\xe0\x80\xaf", "[f:1:1] got U+00002F in a form"},
      {"\xed\xa0\x80", "[f:1:1] got U+00D800 in a form"},
      {"\xf4\x90\x80\x80", "[f:1:1] got U+110000 in a form"},
      {"\xf5\x80\x80\x80", "[f:1:1] got the byte F5"},
  };
  for (const auto& one : cases) EXPECT_THAT(data_error([&] { characters(one.bytes); }), StartsWith(one.start));
}

TEST(Text, Utf16IsRecognised) {
  const std::string little("a\0b\0\n\0", 6), big("\0a\0b", 4);
  EXPECT_THAT(data_error([&] { characters("\xff\xfe" + little); }),
              StartsWith("[f:1:1] got the byte FF, which begins UTF-16, allowed is UTF-8"));
  EXPECT_THAT(data_error([&] { characters("\xfe\xff" + big); }),
              StartsWith("[f:1:1] got the byte FE, which begins UTF-16, allowed is UTF-8"));
  EXPECT_THAT(data_error([&] { characters(little); }), StartsWith("[f:1:2] got a zero byte: this is UTF-16"));
  EXPECT_THAT(data_error([&] { characters(big); }), StartsWith("[f:1:1] got a zero byte: this is UTF-16"));
  EXPECT_EQ(read_symbols("\xff\xfe" + little, "f", false).symbols.size(), 8U) << "bytes are bytes";
}

TEST(Text, RefusesTooManyDifferentCharacters) {
  std::string text;
  for (std::uint32_t code = 0x10000; code < 0x20000; ++code)
    for (int shift = 18; shift >= 0; shift -= 6)
      text += static_cast<char>(shift == 18 ? 0xf0 | code >> 18 : 0x80 | (code >> shift & 63U));
  EXPECT_THAT(data_error([&] { characters(text); }), ::testing::HasSubstr("more than 65535 different characters"));
  text.resize(text.size() - 4);
  EXPECT_EQ(characters(text).alphabet.size(), 65535U);
}

TEST(Text, CharactersAcrossTheBordersOfBlocks) {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    const SymbolText text = characters(std::string(65536 - shift, 'x') + "\xe2\x80\x94y");
    EXPECT_EQ(text.alphabet, (Codes{'x', 'y', 0x2014}));
    EXPECT_EQ(text.symbols.size(), 65538 - shift);
  }
}

RC_GTEST_PROP(Text, BytesComeBack, (const std::string& bytes)) {
  RC_PRE(!bytes.empty());
  RC_PRE(bytes.substr(0, 2) != "\x1f\x8b");
  const SymbolText text = read_symbols(bytes, "f", false);
  std::string back;
  for (const std::uint16_t symbol : text.symbols) back += static_cast<char>(text.alphabet.at(symbol));
  RC_ASSERT(back == bytes);
  RC_ASSERT(std::is_sorted(text.alphabet.begin(), text.alphabet.end()));
}

TEST(Text, NamesOfCharacters) {
  EXPECT_EQ(symbol_name('a'), "a");
  EXPECT_EQ(symbol_name(' '), "blank");
  EXPECT_EQ(symbol_name('\n'), "newline");
  EXPECT_EQ(symbol_name(0xe9), "U+00E9");
  EXPECT_EQ(symbol_name(0x1f40b), "U+01F40B");
}

}  // namespace
}  // namespace chronograd
