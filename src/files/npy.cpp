// SPDX-License-Identifier: Apache-2.0
#include "files/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "chronograd/error.hpp"
#include "files/shape.hpp"

namespace chronograd {
namespace {

constexpr bool host_is_big = std::endian::native == std::endian::big;

/// The bytes of one element, in the order of this machine.
template <class T>
T load(const char* bytes, bool swap) {
  std::array<char, sizeof(T)> raw{};
  std::memcpy(raw.data(), bytes, sizeof(T));
  if (swap) std::reverse(raw.begin(), raw.end());
  T value{};
  std::memcpy(&value, raw.data(), sizeof(T));
  return value;
}

/// IEEE binary16, of which every value is a float.
float from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U, exponent = (half >> 10U) & 31U, mantissa = half & 1023U;
  if (exponent == 0) {
    const float magnitude = std::ldexp(static_cast<float>(mantissa), -24);
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide_exponent = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide_exponent << 23U | mantissa << 13U);
}

/// Reorders elements that lie with the first index fastest, as in Fortran, so that the last is fastest.
template <class T>
std::vector<T> from_fortran(const std::vector<T>& values, const std::vector<std::size_t>& shape) {
  std::vector<T> result(values.size());
  std::vector<std::size_t> strides(shape.size()), index(shape.size());
  std::size_t stride = 1;
  for (std::size_t k = 0; k < shape.size(); ++k) {
    strides[k] = stride;
    stride *= shape[k];
  }
  std::size_t source = 0;
  for (T& value : result) {
    value = values[source];
    for (std::size_t k = shape.size(); k-- > 0;) {
      source += strides[k];
      if (++index[k] < shape[k]) break;
      source -= strides[k] * shape[k];
      index[k] = 0;
    }
  }
  return result;
}

/// Elements stored as `Stored`, each turned into `Wide`, in C order.
template <class Stored, class Wide, class Widen>
std::vector<Wide> elements(const NpyHeader& header, std::string_view bytes, Widen widen) {
  const bool swap = header.big_endian != host_is_big;
  std::vector<Wide> values(bytes.size() / sizeof(Stored));
  if (std::is_same_v<Stored, Wide> && !swap && !values.empty())
    std::memcpy(values.data(), bytes.data(), bytes.size());
  else
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = widen(load<Stored>(bytes.data() + i * sizeof(Stored), swap));
  if (header.fortran_order && header.shape.size() > 1 && !values.empty()) return from_fortran(values, header.shape);
  return values;
}

template <class Stored>
std::vector<std::int64_t> integers(const NpyHeader& header, std::string_view bytes, const std::string& where) {
  return elements<Stored, std::int64_t>(header, bytes, [&](Stored value) {
    if constexpr (std::is_same_v<Stored, std::uint64_t>)
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        throw Error(Exit::data, where,
                    "got the integer " + std::to_string(value) +
                        ", allowed are integers up to 9223372036854775807. Convert the array with .astype.");
    return static_cast<std::int64_t>(value);
  });
}

void read_integers(Array& array, const NpyHeader& header, std::string_view bytes, const std::string& where) {
  const bool is_signed = header.kind == 'i';
  switch (header.item) {
    case 1:
      array.i64 =
          is_signed ? integers<std::int8_t>(header, bytes, where) : integers<std::uint8_t>(header, bytes, where);
      break;
    case 2:
      array.i64 =
          is_signed ? integers<std::int16_t>(header, bytes, where) : integers<std::uint16_t>(header, bytes, where);
      break;
    case 4:
      array.i64 =
          is_signed ? integers<std::int32_t>(header, bytes, where) : integers<std::uint32_t>(header, bytes, where);
      break;
    default:
      array.i64 =
          is_signed ? integers<std::int64_t>(header, bytes, where) : integers<std::uint64_t>(header, bytes, where);
  }
}

template <class T>
std::string_view bytes_of(const std::vector<T>& values) {
  return {static_cast<const char*>(static_cast<const void*>(values.data())), values.size() * sizeof(T)};
}

}  // namespace

void check_npy_size(const NpyHeader& header, std::size_t file_size, const std::string& where) {
  if (!header.is_number()) throw Error(Exit::data, where, header.refusal);
  Array claimed;
  claimed.shape = header.shape;
  const std::string shape = claimed.shape_text();
  const auto bytes = product(header.shape, header.item);
  if (!bytes)
    throw Error(Exit::data, where,
                "got a header that claims the shape " + shape +
                    ", allowed is one whose size fits in 64 bits. The file is corrupt; write it again.");
  const std::size_t held = file_size - std::min(header.offset, file_size);
  if (*bytes != held)
    throw Error(Exit::data, where,
                "got a header that claims " + std::to_string(*bytes) + " bytes of elements (shape " + shape +
                    "), allowed are the " + std::to_string(held) +
                    " bytes that follow it. The file is truncated or corrupt; write or copy it again.");
}

Array parse_npy(std::string_view bytes, const std::string& where) {
  const NpyHeader header = read_npy_header(bytes, where);
  check_npy_size(header, bytes.size(), where);
  const std::string_view data = bytes.substr(header.offset);
  Array array;
  array.shape = header.shape;
  if (header.kind == 'f' && header.item == 8) {
    array.dtype = Dtype::f64;
    array.f64 = elements<double, double>(header, data, [](double value) { return value; });
  } else if (header.kind == 'f') {
    array.dtype = Dtype::f32;
    array.f32 = header.item == 4 ? elements<float, float>(header, data, [](float value) { return value; })
                                 : elements<std::uint16_t, float>(header, data, from_half);
  } else if (header.kind == 'b') {
    array.dtype = Dtype::u8;
    array.u8 = elements<std::uint8_t, std::uint8_t>(header, data, [](std::uint8_t value) { return value; });
    for (const std::uint8_t value : array.u8)
      if (value > 1)
        throw Error(Exit::data, where,
                    "got a boolean stored as " + std::to_string(value) + ", allowed are 0 and 1. The file is corrupt.");
  } else {
    array.dtype = Dtype::i64;
    read_integers(array, header, data, where);
  }
  return array;
}

std::string_view npy_elements_of(const Array& array) {
  switch (array.dtype) {
    case Dtype::f32:
      return bytes_of(array.f32);
    case Dtype::f64:
      return bytes_of(array.f64);
    case Dtype::i64:
      return bytes_of(array.i64);
    case Dtype::u8:
      return bytes_of(array.u8);
  }
  return {};
}

std::string npy_header_of(const Array& array, const std::string& where) {
  const auto [type, item] = [&]() -> std::pair<std::string, std::size_t> {
    switch (array.dtype) {
      case Dtype::f32:
        return {"f4", 4};
      case Dtype::f64:
        return {"f8", 8};
      case Dtype::i64:
        return {"i8", 8};
      case Dtype::u8:
        return {"u1", 1};
    }
    throw Error(Exit::data, where, "got an unknown element type, allowed are f32, f64, i64 and u8.");
  }();
  if (array.shape.size() > max_dimensions)
    throw Error(Exit::data, where,
                "got " + std::to_string(array.shape.size()) + " dimensions, allowed are at most " +
                    std::to_string(max_dimensions) + ".");
  if (product(array.shape, item) != npy_elements_of(array).size())
    throw Error(Exit::data, where,
                "got " + std::to_string(npy_elements_of(array).size() / item) +
                    " elements, allowed is the product of the shape " + array.shape_text() + ".");
  const char* order = item == 1 ? "|" : host_is_big ? ">" : "<";
  std::string text =
      "{'descr': '" + (order + type) + "', 'fortran_order': False, 'shape': " + array.shape_text() + ", }";
  constexpr std::size_t start = 10, alignment = 64;  // elements start at a multiple of 64 bytes, for memory maps
  const std::size_t length = (start + text.size() + alignment) / alignment * alignment - start;
  text.resize(length - 1, ' ');
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(length & 255U);
  header += static_cast<char>(length >> 8U);
  return header + text + "\n";
}

}  // namespace chronograd
