// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace chronograd {

/// A fixed array of numbers, aligned to a cache line and zeroed when made. `resize` keeps the memory when it shrinks.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size) { resize(size); }

  /// Sets the size and zeroes every element.
  void resize(std::size_t size) {
    resize_unset(size);
    zero();
  }
  /// Sets the size and no element: for what is written before it is read. What is never used then takes no memory,
  /// where it is large enough for pages of its own.
  void resize_unset(std::size_t size) {
    if (size > capacity_) {
      data_.reset(static_cast<T*>(::operator new[](size * sizeof(T), alignment)));
      capacity_ = size;
    }
    size_ = size;
  }
  void zero() { std::fill_n(data_.get(), size_, T(0)); }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }
  std::span<T> span() { return {data(), size_}; }
  std::span<const T> span() const { return {data(), size_}; }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(T* memory) const { ::operator delete[](memory, alignment); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace chronograd
