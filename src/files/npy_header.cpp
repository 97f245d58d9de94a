// SPDX-License-Identifier: Apache-2.0
#include "files/npy_header.hpp"

#include <algorithm>
#include <cstdint>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "files/shape.hpp"

namespace chronograd {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

/// Reads the one form of Python literal that a header is: a dict of a string, a bool and a tuple of integers.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader parse() {
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!take('}')) {
      const std::string key = string();
      bool* seen = key == "descr" ? &descr : key == "fortran_order" ? &order : key == "shape" ? &shape : nullptr;
      if (seen == nullptr) refuse("the key " + quoted(key), "descr, fortran_order and shape");
      if (*seen) refuse("the key " + key + " twice", "each key once");
      *seen = true;
      expect(':');
      if (seen == &descr)
        read_descr();
      else if (seen == &order)
        header_.fortran_order = boolean();
      else
        read_shape();
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (at_ != text_.size()) refuse(rest(), "the end of the header");
    if (!descr || !order || !shape)
      refuse(std::string("no key ") + (!descr   ? "descr"
                                       : !order ? "fortran_order"
                                                : "shape"),
             "descr, fortran_order and shape");
    return header_;
  }

 private:
  [[noreturn]] void refuse(const std::string& got, const std::string& allowed) const {
    throw Error(Exit::data, where_,
                "got " + got + " in the .npy header, allowed: " + allowed + ". Write the array again with numpy.save.");
  }

  std::string rest() const { return at_ == text_.size() ? "its end" : quoted(std::string(text_.substr(at_, 24))); }

  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  bool take(char wanted) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    skip_blanks();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  void expect(char wanted) {
    if (!take(wanted)) refuse(rest(), std::string("'") + wanted + "'");
  }

  std::string string() {
    skip_blanks();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') refuse(rest(), "a word in quotes");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) refuse(rest(), "a word in quotes");
    const std::string_view word = text_.substr(at_ + 1, end - at_ - 1);
    if (word.find_first_of("\\\n") != std::string_view::npos) refuse(rest(), "a word without escapes");
    at_ = end + 1;
    return std::string(word);
  }

  bool boolean() {
    if (take_word("True")) return true;
    if (take_word("False")) return false;
    refuse(rest(), "True or False");
  }

  void read_shape() {
    expect('(');
    bool comma = true;  // an integer may follow
    while (!take(')')) {
      if (!comma) refuse(rest(), "',' or ')'");
      if (header_.shape.size() == max_dimensions)
        refuse("more than " + std::to_string(max_dimensions) + " dimensions",
               "at most " + std::to_string(max_dimensions));
      header_.shape.push_back(extent());
      comma = take(',');
    }
    if (header_.shape.size() == 1 && !comma) refuse("a shape that is a number", "a tuple such as (3,) or (3, 4)");
  }

  std::size_t extent() {
    skip_blanks();
    const std::string got = rest();
    std::size_t value = 0, digits = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_, ++digits)
      if (__builtin_mul_overflow(value, std::size_t{10}, &value) ||
          __builtin_add_overflow(value, static_cast<std::size_t>(text_[at_] - '0'), &value))
        refuse("the extent " + got, "one that fits in 64 bits");
    const bool padded = digits > 1 && text_[at_ - digits] == '0';
    const bool ended = at_ < text_.size() && std::string_view(",) \t\r\n").find(text_[at_]) != std::string_view::npos;
    if (digits == 0 || padded || !ended) refuse("the extent " + got, "a decimal integer >= 0");
    return value;
  }

  void read_descr() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '[') {
      skip_fields();
      return other_type("records with fields (a structured type)");
    }
    const std::string descr = string();
    const char order = descr.empty() ? '\0' : descr[0], kind = descr.size() < 2 ? '\0' : descr[1];
    const std::string_view digits = std::string_view(descr).substr(std::min<std::size_t>(2, descr.size()));
    if (kind == 'O') {
      header_.refusal =
          "got Python objects (a pickle), allowed are numbers. Pickles are never read, they could run any program. "
          "Rows of different lengths become such objects: pad them to one array (B, T, n), and say by mask (B, T) or "
          "lengths (B) in a .npz file which steps count. Convert other objects with .astype before saving.";
      return;
    }
    if (kind == 'S' || kind == 'U') {
      header_.refusal = "got text, allowed are numbers. Convert the array with .astype before saving.";
      return;
    }
    if (kind == 'c') return other_type("complex numbers (" + quoted(descr) + ")");
    if (kind == 'V') return other_type("raw records (" + quoted(descr) + ")");
    if (kind == 'M' || kind == 'm') return other_type("dates or durations (" + quoted(descr) + ")");
    const std::string_view sizes = kind == 'f' ? "248" : kind == 'b' ? "1" : kind == 'i' || kind == 'u' ? "1248" : "";
    if (std::string_view("<>|").find(order) == std::string_view::npos || digits.size() != 1 ||
        sizes.find(digits[0]) == std::string_view::npos)
      return other_type(quoted(descr));
    header_.kind = kind;
    header_.big_endian = order == '>';
    header_.item = static_cast<std::size_t>(digits[0] - '0');
    if (order == '|' && header_.item != 1) other_type(quoted(descr) + ", which has no byte order");
  }

  /// Passes over the list of a structured type, which may hold others.
  void skip_fields() {
    std::size_t depth = 0;
    do {
      skip_blanks();
      if (at_ == text_.size()) refuse(rest(), "']'");
      const char next = text_[at_];
      if (next == '\'' || next == '"') {
        string();
        continue;
      }
      depth += next == '[' ? 1 : 0;
      depth -= next == ']' ? 1 : 0;
      ++at_;
    } while (depth > 0);
  }

  void other_type(const std::string& got) {
    header_.refusal =
        "got elements of the type " + got +
        ", allowed are f2, f4, f8, i1 to i8, u1 to u8 and b1. Convert the array with .astype before saving.";
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
  NpyHeader header_;
};

}  // namespace

bool has_npy_magic(std::string_view bytes) {
  return bytes.substr(0, magic.size()) == magic;
}

NpyHeader read_npy_header(std::string_view bytes, const std::string& where) {
  if (!has_npy_magic(bytes))
    throw Error(Exit::data, where,
                (bytes.empty() ? std::string("got no bytes") : "got bytes that do not start with \\x93NUMPY") +
                    ", allowed is an array in the .npy format. Write it with numpy.save or numpy.savez.");
  const auto byte = [&](std::size_t index) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[index]));
  };
  const std::size_t version = bytes.size() > 6 ? byte(6) : 0;
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t start = magic.size() + 2 + length_bytes;
  if (bytes.size() > 7 && (version < 1 || version > 3 || byte(7) != 0))
    throw Error(Exit::data, where,
                "got .npy version " + std::to_string(version) + "." + std::to_string(byte(7)) +
                    ", allowed are 1.0, 2.0 and 3.0. Write the array again with numpy.save.");
  std::size_t length = 0;
  if (bytes.size() >= start)
    for (std::size_t i = start; i-- > start - length_bytes;) length = length * 256 + byte(i);
  if (length > longest_npy_header - start)
    throw Error(Exit::data, where,
                "got a .npy header that claims " + std::to_string(length) + " bytes, allowed are " +
                    std::to_string(longest_npy_header - start) + ". The file is corrupt or not an array of numbers.");
  if (bytes.size() < start || bytes.size() - start < length)
    throw Error(Exit::data, where,
                "got a .npy file that ends inside its header, after " + std::to_string(bytes.size()) +
                    " bytes, allowed is a complete file. It is truncated; write or copy it again.");
  NpyHeader header = HeaderParser(bytes.substr(start, length), where).parse();
  header.offset = start + length;
  return header;
}

}  // namespace chronograd
