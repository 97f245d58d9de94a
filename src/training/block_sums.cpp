// SPDX-License-Identifier: Apache-2.0
#include "training/block_sums.hpp"

#include <string>

#include "files/array_bytes.hpp"
#include "files/state_arrays.hpp"

namespace chronograd {
namespace {

std::string block_prefix(std::int64_t number) {
  return "block" + std::to_string(number) + "/";
}

}  // namespace

BlockSums::BlockSums(int outputs, bool classes, World* world, std::int64_t blocks)
    : further(outputs, classes),
      outputs_(outputs),
      classes_(classes),
      world_(world != nullptr && blocks >= world->size() ? world : nullptr),
      blocks_(blocks),
      end_(blocks),
      measures_(outputs, classes) {
  if (world_ == nullptr) return;
  begin_ = blocks * world_->rank() / world_->size();
  end_ = blocks * (world_->rank() + 1) / world_->size();
}

void BlockSums::state(Archive& archive) {
  tally.state(archive, "tally", {.by_row = true});
  further.state(archive);
}

void BlockSums::end_block(std::int64_t number) {
  if (world_ == nullptr) {
    add(tally, further);
  } else {
    Saving saving(own_);
    Within block(saving, block_prefix(number));
    state(block);
  }
  tally = {};
  further = MeasureTally(outputs_, classes_);
}

void BlockSums::add(const Tally& some, const MeasureTally& more) {
  total_.add(some);
  measures_.add(more);
}

void BlockSums::collect() {
  if (world_ == nullptr) return;
  std::string all;
  for (const std::string& part : world_->gathered(bytes_of(own_))) all += part;
  const Arrays arrays = arrays_of_bytes(world_->said(all));
  Restoring restoring(arrays, "--ranks");
  for (std::int64_t number = 0; number < blocks_; ++number) {
    Within block(restoring, block_prefix(number));
    state(block);
    add(tally, further);
  }
}

}  // namespace chronograd
