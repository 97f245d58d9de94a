// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "chronograd/export.hpp"

namespace chronograd {

/// Element types of arrays in files.
enum class Dtype { f32, f64, i64, u8 };

/// A dense array in C order as read from or written to a file. Readers widen: every integer type becomes i64
/// (booleans become u8 with 0 and 1), float16 and float32 become f32.
struct CHRONOGRAD_API Array {
  Dtype dtype = Dtype::f64;
  std::vector<std::size_t> shape;
  std::vector<float> f32;  ///< exactly one of these four holds the elements
  std::vector<double> f64;
  std::vector<std::int64_t> i64;
  std::vector<std::uint8_t> u8;
  /// Empty for numbers. Else the file has something else under this name (text, Python objects, ...), which is never
  /// read, and this is what to say where numbers were needed; there are no elements then.
  std::string refusal;

  std::size_t size() const;            ///< number of elements: the product of the shape (1 for a scalar)
  double at(std::size_t index) const;  ///< element by flat index, as double
  bool is_integer() const { return dtype == Dtype::i64 || dtype == Dtype::u8; }
  std::string shape_text() const;  ///< "(3, 17, 4)"

  static Array of(std::vector<std::size_t> shape, std::vector<float> values);
  static Array of(std::vector<std::size_t> shape, std::vector<double> values);
  static Array of(std::vector<std::size_t> shape, std::vector<std::int64_t> values);
};

/// Named arrays, as in an .npz file.
using Arrays = std::map<std::string, Array>;

/// Reads a .npz file (stored or deflated). Arrays of anything but numbers (text, Python objects, complex numbers,
/// records, ...) are left out and named in `*skipped`.
/// Throws Error (data) for a file that is missing, truncated, corrupt, or whose headers claim more than it holds.
CHRONOGRAD_API Arrays read_npz(const std::string& path, std::vector<std::string>* skipped = nullptr);

/// Writes a .npz file that numpy.load reads: to a temporary file beside it, flushed, then renamed, so that a reader
/// never sees half a file and a failure leaves what was there before. Throws Error (data).
CHRONOGRAD_API void write_npz(const std::string& path, const Arrays& arrays);

/// Reads an IDX file (the format of MNIST), plain or gzipped, of unsigned bytes. Throws Error (data).
CHRONOGRAD_API Array read_idx(const std::string& path);

}  // namespace chronograd
