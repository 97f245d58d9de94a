// SPDX-License-Identifier: Apache-2.0
// What rules that look back over steps of earlier segments share.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "chronograd/archive.hpp"

namespace chronograd {

/// Slots of a ring of the last `capacity` steps.
class StepRing {
 public:
  explicit StepRing(int capacity) : capacity_(capacity) {}

  int capacity() const { return static_cast<int>(capacity_); }
  int count() const { return static_cast<int>(count_); }  ///< steps kept
  bool full() const { return count_ == capacity_; }
  /// Slot of the step that was pushed `age` steps before the last one, 0 <= age < count().
  int slot(int age) const { return static_cast<int>((next_ + capacity_ - 1 - age) % capacity_); }
  /// Makes room for one more step, in place of the oldest if the ring is full; returns its slot.
  int push() {
    const auto slot = static_cast<int>(next_);
    next_ = (next_ + 1) % capacity_;
    if (count_ < capacity_) ++count_;
    return slot;
  }
  void drop_oldest() { --count_; }
  void clear() { count_ = 0; }
  void state(Archive& archive) {
    archive.number("steps_kept", count_);
    archive.number("next_slot", next_);
  }

 private:
  std::int64_t capacity_, next_ = 0, count_ = 0;
};

/// Visits `rows` rows of `width` numbers at distance `ld` as one array without gaps.
template <class T, class U>
void visit_rows(Archive& archive, const std::string& name, U* values, int rows, int width, int ld) {
  const auto row = [&](int r) { return values + static_cast<std::size_t>(r) * static_cast<std::size_t>(ld); };
  if (!archive.named()) {
    for (int r = 0; r < rows; ++r)
      if constexpr (std::is_same_v<T, U>)
        archive.array(name, std::span<T>(row(r), static_cast<std::size_t>(width)));
      else
        for (int i = 0; i < width; ++i) {
          T value = static_cast<T>(row(r)[i]);
          archive.array(name, std::span<T>(&value, 1));
          row(r)[i] = static_cast<U>(value);
        }
    return;
  }
  std::vector<T> packed;
  packed.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(width));
  for (int r = 0; r < rows; ++r)
    for (int i = 0; i < width; ++i) packed.push_back(static_cast<T>(row(r)[i]));
  archive.array(name, packed);
  auto next = packed.begin();
  for (int r = 0; r < rows; ++r)
    for (int i = 0; i < width; ++i) row(r)[i] = static_cast<U>(*next++);
}

}  // namespace chronograd
