// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "chronograd/buffer.hpp"
#include "math/kernels.hpp"

namespace chronograd {

/// Adds up the gradients of shards first ... end - 1 of `shards` as far as these are aligned parts of a binary tree
/// over all shard numbers, (0 + 1) + (2 + 3): each part's sum is in its first shard, the others of it are zero
/// afterwards. `grad(s)` is shard s's Buffer<T>&, all of one size. The order never depends on who computed which.
template <class T, class Gradient>
void sum_shards(int shards, Gradient grad, int first, int end) {
  for (int apart = 1; apart < shards; apart *= 2)
    for (int s = (first + 2 * apart - 1) / (2 * apart) * (2 * apart); s + apart < shards; s += 2 * apart) {
      if (std::min(s + 2 * apart, shards) > end) break;
      Buffer<T>& from = grad(s + apart);
      kernels<T>().add(static_cast<int>(from.size()), from.data(), grad(s).data());
      from.zero();
    }
}

/// Of all shards: the sum is in shard 0.
template <class T, class Gradient>
void sum_shards(int shards, Gradient grad) {
  sum_shards<T>(shards, grad, 0, shards);
}

}  // namespace chronograd
