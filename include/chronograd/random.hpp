// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "chronograd/export.hpp"

namespace chronograd {

/// What random numbers are for. Each purpose has its own streams, so that drawing more of one never shifts another.
enum class Draw : std::uint64_t {
  parameters = 1,
  data = 2,
  noise = 3,
  rule = 4,
  shuffle = 5,
  feedback = 6,
  mask = 7,
  search = 8
};

/// Counter-based random numbers: the value depends on (seed, purpose, a, b) and on its index alone, never on what was
/// drawn before, on the number of threads or on where a run was resumed. Philox4x64-10 with key (seed, purpose) and
/// counter (index, a, b, 0), the bits of numpy.random.Philox (source: salmon2011parallel).
class CHRONOGRAD_API Random {
 public:
  /// A stream for one purpose; `a` and `b` say which (a row of data, a time step, a unit).
  Random(std::uint64_t seed, Draw purpose, std::uint64_t a = 0, std::uint64_t b = 0);

  /// Next 64 random bits.
  std::uint64_t bits();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Standard normal (Box-Muller).
  double normal();
  /// Uniform whole number in [0, n); n >= 1. Without bias.
  std::uint64_t below(std::uint64_t n);
  /// +1 or -1 with probability 1/2 each, one bit a sign.
  double sign();

 private:
  void refill();

  std::array<std::uint64_t, 2> key_;
  std::array<std::uint64_t, 4> counter_;
  std::array<std::uint64_t, 4> block_{};
  unsigned used_ = 4;
  double spare_ = 0;
  bool has_spare_ = false;
  std::uint64_t signs_ = 0;
  unsigned signs_left_ = 0;
};

}  // namespace chronograd
