// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "chronograd/run_result.hpp"
#include "chronograd/task.hpp"
#include "network/network.hpp"
#include "training/score.hpp"

namespace chronograd {

/// How a network's units fire under frozen weights: over the first rows of the test data (of the training data where
/// there are none), 16 at most and about 20000 steps in all. Nothing for cells that do not spike.
template <class T>
std::optional<Firing> firing_of(const Network<T>& network, const Options& model, const Weights<T>& weights,
                                const Task& task);

/// What layers of d units each fired in a segment, which is steps [from, from + K) of the batch: without padding and
/// streams that are not there.
template <class T>
Fired fired_in(Layers<T> layers, int d, const Batch<T>& batch, int from);

}  // namespace chronograd
