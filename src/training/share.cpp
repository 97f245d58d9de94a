// SPDX-License-Identifier: Apache-2.0
#include "training/share.hpp"

#include <charconv>
#include <cstring>
#include <string_view>

#include "chronograd/error.hpp"
#include "files/array_bytes.hpp"
#include "files/hash.hpp"
#include "training/checkpoint.hpp"

namespace chronograd {
namespace {

constexpr const char* of_shard = "shard";

/// N of "shardN/..."; -1 for another name.
int shard_of(const std::string& name) {
  if (!name.starts_with(of_shard)) return -1;
  int shard = -1;
  const char* const end = name.data() + name.size();
  const auto found = std::from_chars(name.data() + std::strlen(of_shard), end, shard);
  return found.ec == std::errc() && found.ptr != end && *found.ptr == '/' ? shard : -1;
}

std::string sha256_of(std::string_view bytes) {
  const std::string where = "--ranks";
  Sha256 hash(where);
  hash.add(bytes);
  return hash.text();
}

}  // namespace

Share::Share(World* world, int parts, const RuleSettings& rule) : world_(world), parts_(parts), end_(parts) {
  if (world == nullptr) return;
  constexpr int streams_a_shard = 32;
  if (world->size() > parts) {
    const std::string got = "got " + std::to_string(world->size()) + " ranks for ";
    if (rule.one_shard())
      throw Error(
          Exit::usage, "--ranks",
          got + "the rule " + rule.record.entry.name +
              ", which keeps all streams of a batch together, allowed is 1. chronograd list rules names others; "
              "a sweep shares its runs, whatever their rules are.");
    throw Error(Exit::usage, "--ranks",
                got + "a batch of " + std::to_string(parts) + (parts == 1 ? " shard" : " shards") + ", allowed are " +
                    std::to_string(parts) + " or fewer. With train.batch = " +
                    std::to_string(streams_a_shard * world->size()) + " streams each rank has a shard.");
  }
  first_ = division().begin(world->rank());
  end_ = division().end(world->rank());
}

void Share::require_same(const std::string& what, const std::string& mine) const {
  if (world_ == nullptr) return;
  const std::vector<std::string> all = world_->gathered(mine);
  for (std::size_t r = 1; r < all.size(); ++r)
    if (all[r] != mine)
      throw Error(Exit::usage, "--ranks",
                  "rank " + std::to_string(r) + " on " + world_->host(static_cast<int>(r)) + " has another " + what +
                      " than rank 0 on " + world_->host(0) +
                      ", allowed are ranks that are alike: their results would mix. " +
                      "Rank 0: " + mine.substr(0, 400) + "; rank " + std::to_string(r) + ": " + all[r].substr(0, 400));
  world_->meet();
}

void Share::require_same_run(const Config& config, const std::vector<PlanNumber>& plan, const Task& task,
                             std::string_view weights) const {
  if (world_ == nullptr) return;
  require_same("program", program_json());
  require_same("configuration", config.resolved_json());
  std::string numbers;
  for (const PlanNumber& entry : plan) numbers += std::string(entry.name) + " " + std::to_string(entry.value) + ", ";
  require_same("data", numbers + task.summary() + ", mapping " + sha256_of(bytes_of(task.mapping())));
  require_same("set of first weights", sha256_of(weights));
}

void Share::tell(RunResult& result) const {
  if (world_ == nullptr) return;
  result.ranks = world_->size();
  result.exchange_seconds = world_->seconds();
}

void Share::gather(Arrays& arrays) const {
  if (world_ == nullptr) return;
  Arrays own;
  if (!writes())
    for (auto& [name, array] : arrays)
      if (shard_of(name) >= 0) own.emplace(name, std::move(array));
  for (const std::string& bytes : world_->gathered(bytes_of(own))) arrays.merge(arrays_of_bytes(bytes));
}

void Share::scatter(Arrays& arrays) const {
  if (world_ == nullptr) return;
  const std::string bytes = world_->said(writes() ? bytes_of(arrays) : "");
  if (!writes()) arrays = arrays_of_bytes(bytes);
  std::erase_if(arrays, [&](const auto& item) {
    const int shard = shard_of(item.first);
    return shard >= 0 && (shard < first_ || shard >= end_);
  });
}

}  // namespace chronograd
