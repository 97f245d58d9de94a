// SPDX-License-Identifier: Apache-2.0
// For tasks whose step t follows from all steps before it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "chronograd/task.hpp"

namespace chronograd {

/// Remembers where reading each row stopped, so that reading on costs nothing extra. Reading elsewhere walks there from
/// the row's first step: what is read never depends on what was read before. Safe to use from several threads.
template <class Place>
class Walks {
 public:
  /// Calls walk(place, t) with a place on the way to step t of the row, at some step <= t, for it to go on from and to
  /// leave behind at the step where it stopped. `at(place)` is the step of a place; `first` begins a row.
  template <class First, class At, class Walk>
  void read(Split split, std::int64_t row, std::int64_t t, const First& first, const At& at, const Walk& walk) const {
    const std::pair<int, std::int64_t> key{split == Split::test ? 1 : 0, row};
    Place place;
    bool known = false;
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = places_.find(key); found != places_.end() && at(found->second) <= t) {
        place = std::move(found->second);
        places_.erase(found);
        known = true;
      }
    }
    if (!known) place = first();
    walk(place);
    const std::lock_guard lock(mutex_);
    if (places_.size() >= most) places_.clear();  // rows that ended, most likely
    places_[key] = std::move(place);
  }

 private:
  static constexpr std::size_t most = 4096;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<int, std::int64_t>, Place> places_;
};

}  // namespace chronograd
