// SPDX-License-Identifier: Apache-2.0
// Rates of whole rows ([regularise]) that learning is to know before it begins.
#pragma once

#include <vector>

#include "learning/stepper.hpp"
#include "training/plan.hpp"
#include "training/share.hpp"

namespace chronograd {

/// Whether they are: where a row is one segment of one stepper, that segment tells them.
template <class T>
bool surveys_rates(const Network<T>& network, const Plan& plan) {
  const bool of_batch = network.rates.is(RateSettings::Average::batch);
  return network.rates.by_row() && (plan.segment < plan.every || (of_batch && plan.shards > 1));
}

/// Tells each shard what the rows of all have counted: sums in the order of shards. `shards` are those of `share`.
template <class Shards>
void share_rates(const Shards& shards, const Share& share) {
  std::vector<double> own;
  for (const auto& shard : shards) {
    const std::vector<double> more = shard->rates.counted();
    own.insert(own.end(), more.begin(), more.end());
  }
  const std::vector<double> all = share.of_all(own);
  std::vector<double> counted(own.size() / shards.size());
  for (std::size_t i = 0; i < all.size(); ++i) counted[i % counted.size()] += all[i];
  for (const auto& shard : shards) shard->rates.of_batch(counted);
}

}  // namespace chronograd
