// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "chronograd/buffer.hpp"

namespace chronograd {

template <class Use, class T>
inline thread_local Buffer<T> scratch_memory;

/// Numbers kept from call to call, one lot a thread for each `Use`, on cache-line boundaries.
template <class Use, class T>
T* scratch(std::size_t count) {
  Buffer<T>& memory = scratch_memory<Use, T>;
  if (count > memory.size()) memory.resize(count);
  return memory.data();
}

/// Distance between rows of a copy with `cols` columns: whole cache lines, and not a multiple of 1 KiB, where rows
/// would compete for the same places in the cache.
template <class T>
int roomy(int cols) {
  constexpr int line = 64 / static_cast<int>(sizeof(T));
  const int ld = (cols + line - 1) / line * line;
  return ld % (16 * line) == 0 ? ld + line : ld;
}

}  // namespace chronograd
