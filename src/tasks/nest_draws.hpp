// SPDX-License-Identifier: Apache-2.0
// Random numbers as the reference programs of e-prop draw them, so that a task has their weights and inputs to the bit.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "chronograd/array.hpp"

namespace chronograd {

/// NumPy's RandomState(seed): a Mersenne twister, doubles of two of its numbers, normals by the polar method.
class NestDraws {
 public:
  explicit NestDraws(std::uint32_t seed) : source_(seed) {}

  /// Uniform in [0, 1), 53 bits.
  double uniform() {
    const auto high = static_cast<double>(source_() >> 5), low = static_cast<double>(source_() >> 6);
    return (high * 0x1p26 + low) * 0x1p-53;
  }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    double x1 = 0, x2 = 0, square = 0;
    do {
      x1 = 2 * uniform() - 1;
      x2 = 2 * uniform() - 1;
      square = x1 * x1 + x2 * x2;
    } while (square >= 1 || square == 0);
    const double factor = std::sqrt(-2 * std::log(square) / square);
    spare_ = factor * x1;
    has_spare_ = true;
    return factor * x2;
  }
  /// 0 or 1 with equal chance.
  int coin() { return static_cast<int>(source_() & 1U); }
  /// Passes by so many 32-bit numbers: one a coin, two a double.
  void skip(std::uint64_t count) { source_.discard(count); }

  /// A matrix of `draw()` as weights are kept there: drawn (from, to) row by row, rounded to float32. Given (to, from),
  /// as parameters are, with a diagonal of zeros where units do not read themselves.
  template <class Draw>
  static Array weights(int from, int to, bool autapses, const Draw& draw) {
    const auto rows = static_cast<std::size_t>(from), columns = static_cast<std::size_t>(to);
    std::vector<double> out(rows * columns);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) {
        const auto weight = static_cast<float>(draw());
        out[j * rows + i] = autapses || i != j ? static_cast<double>(weight) : 0;
      }
    return Array::of({columns, rows}, std::move(out));
  }

 private:
  std::mt19937 source_;
  double spare_ = 0;
  bool has_spare_ = false;
};

/// B_feedback (d, m) from a matrix that was drawn like W_out: (m, d).
inline Array as_feedback(const Array& matrix) {
  const std::size_t m = matrix.shape[0], d = matrix.shape[1];
  std::vector<double> out(d * m);
  for (std::size_t k = 0; k < m; ++k)
    for (std::size_t i = 0; i < d; ++i) out[i * m + k] = matrix.at(k * d + i);
  return Array::of({d, m}, std::move(out));
}

}  // namespace chronograd
