// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace chronograd {

/// Numbers kept from call to call, one lot a thread for each `Use`, on cache-line boundaries.
template <class Use, class T>
T* scratch(std::size_t count) {
  struct Freer {
    void operator()(T* p) const { ::operator delete[](p, std::align_val_t{64}); }
  };
  thread_local std::unique_ptr<T[], Freer> memory;
  thread_local std::size_t size = 0;
  if (count > size) {
    size = 0;
    memory.reset();
    memory.reset(static_cast<T*>(::operator new[](count * sizeof(T), std::align_val_t{64})));
    size = count;
  }
  return memory.get();
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
