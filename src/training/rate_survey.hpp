// SPDX-License-Identifier: Apache-2.0
// Rates of whole rows ([regularise]) that learning is to know before it begins.
#pragma once

#include <vector>

#include "base/crew.hpp"
#include "learning/stepper.hpp"
#include "training/plan.hpp"

namespace chronograd {

/// Whether they are: where a row is one segment of one stepper, that segment tells them.
template <class T>
bool surveys_rates(const Network<T>& network, const Plan& plan) {
  const bool of_batch = network.rates.is(RateSettings::Average::batch);
  return network.rates.by_row() && (plan.segment < plan.every || (of_batch && plan.shards > 1));
}

/// Runs the rows of all shards forwards, each of which has a stepper and a batch, and tells each what the batch has
/// counted: sums in the order of shards.
template <class T, class Shards>
void survey_rates(Crew& crew, const Weights<T>& weights, const Shards& shards, int longest) {
  crew.run(static_cast<int>(shards.size()), [&](int s) {
    auto& shard = *shards[static_cast<std::size_t>(s)];
    shard.stepper.survey(weights, shard.batch, longest);
  });
  std::vector<double> counted;
  for (const auto& shard : shards) {
    const std::vector<double> own = shard->stepper.rates().counted();
    counted.resize(own.size());
    for (std::size_t i = 0; i < own.size(); ++i) counted[i] += own[i];
  }
  for (const auto& shard : shards) shard->stepper.rates().of_batch(counted);
}

}  // namespace chronograd
