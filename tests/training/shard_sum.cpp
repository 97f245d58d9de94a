// SPDX-License-Identifier: Apache-2.0
#include "training/shard_sum.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "chronograd/random.hpp"

namespace chronograd {
namespace {

/// One number a shard, of very different sizes: sums in another order have other bits.
std::vector<Buffer<float>> drawn(int shards) {
  Random random(3, Draw::data);
  std::vector<Buffer<float>> grads(static_cast<std::size_t>(shards));
  for (Buffer<float>& grad : grads) {
    grad.resize(1);
    grad[0] = static_cast<float>(random.normal() * (random.sign() > 0 ? 1e4 : 1e-3));
  }
  return grads;
}

float& number(std::vector<Buffer<float>>& grads, int s) {
  return grads[static_cast<std::size_t>(s)][0];
}

/// The tree written top down: a part of `size` (a power of two) shards is the sum of its halves.
float tree(std::vector<Buffer<float>>& grads, int first, int size, int shards) {
  if (size == 1) return number(grads, first);
  const float left = tree(grads, first, size / 2, shards);
  return first + size / 2 < shards ? left + tree(grads, first + size / 2, size / 2, shards) : left;
}

TEST(ShardSum, IsTheTreeAndLeavesZeros) {
  for (int shards = 1; shards <= 64; ++shards) {
    std::vector<Buffer<float>> grads = drawn(shards);
    const float expected = tree(grads, 0, 64, shards);
    sum_shards<float>(shards, [&](int s) -> Buffer<float>& { return grads[static_cast<std::size_t>(s)]; });
    EXPECT_EQ(number(grads, 0), expected) << shards << " shards";
    for (int s = 1; s < shards; ++s) EXPECT_EQ(number(grads, s), 0) << "shard " << s << " of " << shards;
  }
}

TEST(ShardSum, HasTheSameBitsWhoeverSumsItsParts) {
  for (int shards = 5; shards <= 13; ++shards) {
    std::vector<Buffer<float>> grads = drawn(shards), parts = drawn(shards);
    sum_shards<float>(shards, [&](int s) -> Buffer<float>& { return grads[static_cast<std::size_t>(s)]; });
    for (int first = 0; first < shards; first += 4)
      sum_shards<float>(std::min(4, shards - first),
                        [&](int s) -> Buffer<float>& { return parts[static_cast<std::size_t>(first + s)]; });
    sum_shards<float>((shards + 3) / 4,
                      [&](int s) -> Buffer<float>& { return parts[static_cast<std::size_t>(4 * s)]; });
    EXPECT_EQ(number(parts, 0), number(grads, 0)) << shards << " shards";
  }
}

TEST(ShardSum, IsNoPlainSum) {
  std::vector<Buffer<float>> grads = drawn(64);
  float plain = 0;
  for (int s = 0; s < 64; ++s) plain += number(grads, s);
  EXPECT_NE(plain, tree(grads, 0, 64, 64));
}

}  // namespace
}  // namespace chronograd
