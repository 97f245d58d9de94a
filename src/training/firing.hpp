// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "chronograd/run_result.hpp"
#include "chronograd/task.hpp"
#include "network/network.hpp"

namespace chronograd {

/// How a network's units fire under frozen weights: over the first rows of the test data (of the training data where
/// there are none), 16 at most and about 20000 steps in all. Nothing for cells that do not spike.
template <class T>
std::optional<Firing> firing_of(const Network<T>& network, const Options& model, const Weights<T>& weights,
                                const Task& task);

}  // namespace chronograd
