// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "chronograd/array.hpp"
#include "ranks/world.hpp"
#include "training/measures.hpp"
#include "training/score.hpp"

namespace chronograd {

/// Sums of a test, block of rows by block of rows: each block's by itself, then all in the order of blocks, so that it
/// does not matter which process has which. Where there are fewer blocks than processes each process does all of them:
/// nobody waits for one that has more to do.
class BlockSums {
 public:
  /// m outputs; `classes`: targets are one-hot; `world` null: one process alone.
  BlockSums(int outputs, bool classes, World* world, std::int64_t blocks);

  /// Blocks [begin, end) are this process's.
  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }

  /// Of the block at hand.
  Tally tally;
  MeasureTally further;
  void end_block(std::int64_t number);

  /// After the last block, by all processes together.
  void collect();
  const Tally& total() const { return total_; }
  const MeasureTally& measures() const { return measures_; }

 private:
  void add(const Tally& some, const MeasureTally& more);
  void state(Archive& archive);

  int outputs_;
  bool classes_;
  World* world_;
  std::int64_t blocks_, begin_ = 0, end_;
  Tally total_;
  MeasureTally measures_;
  Arrays own_;  ///< the sums of own blocks
};

}  // namespace chronograd
