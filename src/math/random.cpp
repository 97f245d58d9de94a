// SPDX-License-Identifier: Apache-2.0
// The order of words is numpy's: with `numpy.random.Philox(key=[seed, purpose], counter=[0, a, b, 0]).random_raw()`
// the first block comes from counter (1, a, b, 0), since numpy counts up before it draws. bits() does the same.
#include "chronograd/random.hpp"

#ifndef __SIZEOF_INT128__
#define R123_USE_MULHILO64_C99 1  // 32-bit processors: products of 64-bit words from words of 32 bits
#endif
#include <Random123/philox.h>

#include <cmath>

namespace chronograd {

Random::Random(std::uint64_t seed, Draw purpose, std::uint64_t a, std::uint64_t b)
    : key_{seed, static_cast<std::uint64_t>(purpose)}, counter_{0, a, b, 0} {}

void Random::refill() {
  ++counter_[0];  // 2^64 blocks: never wraps
  const r123::Philox4x64::ctr_type counter = {{counter_[0], counter_[1], counter_[2], counter_[3]}};
  const r123::Philox4x64::key_type key = {{key_[0], key_[1]}};
  const r123::Philox4x64::ctr_type block = r123::Philox4x64()(counter, key);
  for (unsigned i = 0; i < 4; ++i) block_[i] = block[i];
  used_ = 0;
}

std::uint64_t Random::bits() {
  if (used_ == 4) refill();
  return block_[used_++];
}

double Random::uniform() {
  return static_cast<double>(bits() >> 11) * 0x1p-53;
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));  // 1 - u is in (0, 1]
  const double angle = 6.283185307179586476925 * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint64_t Random::below(std::uint64_t n) {
  // Lemire's multiplication: the high word of bits * n is the number; the low word says whether these bits belong to
  // the 2^64 mod n surplus cases that would favour some numbers, and are drawn again.
  std::uint64_t high = 0, low = mulhilo64(bits(), n, &high);
  if (low < n) {
    const std::uint64_t surplus = (0 - n) % n;
    while (low < surplus) {
      low = mulhilo64(bits(), n, &high);
    }
  }
  return high;
}

double Random::sign() {
  if (signs_left_ == 0) {
    signs_ = bits();
    signs_left_ = 64;
  }
  const double value = (signs_ & 1) ? 1.0 : -1.0;
  signs_ >>= 1;
  --signs_left_;
  return value;
}

}  // namespace chronograd
