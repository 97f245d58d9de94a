// SPDX-License-Identifier: Apache-2.0
// In a file of its own: where the compiler sees both sides, it takes std::free for the wrong end of operator new.
#include "learning/counted_heap.hpp"

#include <cstdlib>
#include <new>

namespace chronograd::learning {
long blocks_taken = 0;
}  // namespace chronograd::learning

using chronograd::learning::blocks_taken;

void* operator new(std::size_t size) {
  ++blocks_taken;
  if (void* const block = std::malloc(size > 0 ? size : 1)) return block;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++blocks_taken;
  const auto unit = static_cast<std::size_t>(alignment);
  if (void* const block = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) return block;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return operator new(size, alignment);
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete[](void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  std::free(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  std::free(block);
}
void operator delete[](void* block, std::align_val_t) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}
