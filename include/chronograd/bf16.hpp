// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace chronograd {

/// A number of 16 bits with the sign and exponent of a float and 7 bits of its mantissa: for what is stored, not
/// calculated with. It is off by 2^-9 of its size at most, where it was rounded from a float; NaN stays NaN.
class Bf16 {
 public:
  Bf16() = default;
  /// The nearest one, an even one of two.
  explicit Bf16(float value) {
    const auto whole = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t rounded = whole + 0x7fff + ((whole >> 16) & 1);
    bits_ = static_cast<std::uint16_t>((std::isnan(value) ? whole | 0x400000 : rounded) >> 16);
  }
  explicit operator float() const { return std::bit_cast<float>(std::uint32_t{bits_} << 16); }

 private:
  std::uint16_t bits_ = 0;
};

}  // namespace chronograd
