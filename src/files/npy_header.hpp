// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chronograd {

/// What the header of a .npy file says. Nothing in it is believed before it is compared with the bytes that follow.
struct NpyHeader {
  char kind = 'f';       ///< f: float, i, u: integer, b: boolean
  std::size_t item = 0;  ///< bytes of an element
  std::string refusal;   ///< empty for numbers; else what to say about elements that are never read
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<std::size_t> shape;
  std::size_t offset = 0;  ///< of the first element in the file

  bool is_number() const { return refusal.empty(); }
};

/// The longest header that is read, magic and length included: 32 dimensions need far less.
constexpr std::size_t longest_npy_header = 65536;

bool has_npy_magic(std::string_view bytes);

/// Reads the header of a .npy file (version 1.0, 2.0 or 3.0) from its first bytes; longest_npy_header of them always
/// suffice. Throws Error (data) with `where` for anything that NumPy would not write. Text, Python objects, complex,
/// structured and other element types that no array of this library can hold get a refusal.
NpyHeader read_npy_header(std::string_view bytes, const std::string& where);

}  // namespace chronograd
