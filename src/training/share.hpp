// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/buffer.hpp"
#include "chronograd/config.hpp"
#include "chronograd/run_result.hpp"
#include "chronograd/task.hpp"
#include "ranks/tree_sum.hpp"
#include "training/plan.hpp"
#include "training/shard_sum.hpp"

namespace chronograd {

/// What one of several processes has of a run: shards [first, end) of its plan. All else, weights and optimiser among
/// it, each of them has, and computes alike. Without a world it is all of the run.
class Share {
 public:
  /// Of a run that has no shards: each process has all of it.
  explicit Share(World* world) : world_(world), parts_(0), end_(0) {}
  /// Of `parts` shards. Throws Error (usage) for more ranks than shards; `rule` for the message.
  Share(World* world, int parts, const RuleSettings& rule);

  int first() const { return first_; }
  int end() const { return end_; }
  int count() const { return end_ - first_; }
  /// Of `available` threads those that help here: one a shard, or all of them for the rule of a single shard.
  int threads(const Plan& plan, int available) const {
    return count() > 1 ? std::min(plan.threads(available), count()) : available;
  }
  /// Whether what is written is written here.
  bool writes() const { return world_ == nullptr || world_->first(); }
  bool any(bool mine) const { return world_ == nullptr ? mine : world_->any(mine); }
  /// What the first one says, everywhere.
  bool as_first(bool mine) const { return world_ == nullptr ? mine : world_->said(mine ? "y" : "n") == "y"; }
  /// Throws Error (usage), at the first one, where ranks are of other builds, or their settings, data or first weights
  /// differ: they would make up a run that nobody asked for.
  void require_same_run(const Config& config, const std::vector<PlanNumber>& plan, const Task& task,
                        std::string_view weights) const;
  /// Before the names of what belongs to own shard s, from 0.
  std::string name_of(std::size_t s) const { return "shard" + std::to_string(first_ + static_cast<int>(s)) + "/"; }
  /// How far the run is, for errors.
  void position(std::int64_t update) const {
    if (world_ != nullptr) world_->position(update);
  }
  void tell(RunResult& result) const;

  /// One number (or struct of numbers) for each own shard; returns those of all shards.
  template <class Number>
  std::vector<Number> of_all(const std::vector<Number>& own) const {
    if (world_ == nullptr) return own;
    const std::size_t each = own.size() / static_cast<std::size_t>(count());
    std::vector<Number> all(each * static_cast<std::size_t>(parts_));
    std::copy(own.begin(), own.end(), all.begin() + static_cast<std::ptrdiff_t>(each) * first_);
    std::vector<std::size_t> sizes;
    for (int r = 0; r < world_->size(); ++r)
      sizes.push_back(each * sizeof(Number) * static_cast<std::size_t>(division().end(r) - division().begin(r)));
    world_->share_parts(all.data(), sizes);
    return all;
  }

  /// sum_shards() of all shards: the same bits, whoever has them. `grad(s)` is that of own shard s; the sum is in that
  /// of the first one here, in every process, and the others are zero.
  template <class T, class Gradient>
  void sum(const Gradient& grad) const;

  /// Arrays of own shards (shardN/...) go to the first process, which adds them to its own.
  void gather(Arrays& arrays) const;
  /// Arrays that the first process has read, for all of them; those of shards of others are left out.
  void scatter(Arrays& arrays) const;

 private:
  Division division() const { return {parts_, world_->size()}; }
  void require_same(const std::string& what, const std::string& mine) const;
  World* world_;
  int parts_, first_ = 0, end_;
};

template <class T, class Gradient>
void Share::sum(const Gradient& grad) const {
  sum_shards<T>(parts_, grad, first_, end_);
  if (world_ != nullptr && world_->size() > 1) finish_sum<T>(*world_, division(), grad);
  for (int s = first_ + 1; s < end_; ++s) grad(s).zero();
}

}  // namespace chronograd
