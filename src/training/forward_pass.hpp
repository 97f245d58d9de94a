// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "chronograd/task.hpp"
#include "learning/stepper.hpp"

namespace chronograd {

/// Rows of a split that are run through from their first step.
struct ForwardPlan {
  Split split;
  std::int64_t rows, steps;  ///< steps: of each row
  int streams, segment;      ///< rows side by side, a block; steps at a time
  std::int64_t block = 0;    ///< the first one that is run; those before it are another process's
};

/// What is told of each segment: stream b of the batch is row `first` + b (there is none beyond the last row), the
/// first step is `t`.
template <class T>
using Look = std::function<void(const Seen<T>& seen, const Batch<T>& batch, std::int64_t first, std::int64_t t)>;
/// Where something else than what the readout saw is looked at: the layers of the same segment, before its losses,
/// while they have the state before its first step.
template <class T>
using LookInside = std::function<void(Layers<T> layers, std::int64_t first, std::int64_t t)>;

/// Runs rows of a task forward under frozen weights: nobody learns.
template <class T>
void run_forward(const Network<T>& network, const Weights<T>& weights, const Task& task, const ForwardPlan& plan,
                 const Look<T>& look, const LookInside<T>& inside = {});

}  // namespace chronograd
