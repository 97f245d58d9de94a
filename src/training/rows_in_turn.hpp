// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "learning/batch.hpp"

namespace chronograd {

/// Rows of shards that take turns, read when their turn comes into arrays of the thread that has it: memory holds rows
/// of as many shards as there are threads. One thread reads at a time, since a task may keep something.
template <class T, class Shard>
class RowsInTurn {
 public:
  RowsInTurn(std::size_t threads, std::function<void(Shard&)> read) : rooms_(threads), read_(std::move(read)) {}

  /// Calls work() while the shard's batch has its rows.
  template <class Work>
  void with(std::size_t thread, Shard& shard, const Work& work) {
    const Lent lent(shard.batch, rooms_[thread]);
    {
      const std::lock_guard one(reading_);
      read_(shard);
    }
    work();
  }

 private:
  /// Two arrays, exchanged while it lives.
  struct Lent {
    Lent(Batch<T>& own, Batch<T>& room) : own_(own), room_(room) { std::swap(own_, room_); }
    ~Lent() { std::swap(own_, room_); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;

   private:
    Batch<T>&own_, &room_;
  };

  std::vector<Batch<T>> rooms_;
  std::function<void(Shard&)> read_;
  std::mutex reading_;
};

}  // namespace chronograd
