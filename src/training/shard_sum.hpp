// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/buffer.hpp"
#include "math/kernels.hpp"

namespace chronograd {

/// Adds up the gradients of shards 0 ... shards - 1 in that of shard 0; the others are zero afterwards. `grad(s)` is
/// shard s's Buffer<T>&, all of one size. The order is a binary tree over shard numbers, (0 + 1) + (2 + 3), and never
/// depends on who computed which: any aligned part of the tree may be summed where its shards are.
template <class T, class Gradient>
void sum_shards(int shards, Gradient grad) {
  for (int apart = 1; apart < shards; apart *= 2)
    for (int s = 0; s + apart < shards; s += 2 * apart) {
      Buffer<T>& from = grad(s + apart);
      kernels<T>().add(static_cast<int>(from.size()), from.data(), grad(s).data());
      from.zero();
    }
}

}  // namespace chronograd
