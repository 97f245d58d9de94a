// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/measures.hpp"
#include "chronograd/observer.hpp"
#include "losses/output.hpp"
#include "nets/group.hpp"
#include "training/score.hpp"

namespace chronograd {

/// The layers of a net, bottom first, as at test time.
template <class T>
using NetLayers = std::vector<const Layer<T>*>;

/// Of frozen weights on a task: its samples are all steps of the rows of the split; where there are any number of rows,
/// `fresh_steps` steps of rows for each of `streams` rows at least, as evaluate() of training/score.hpp has them. All
/// null or more: *measures gets the rest of the measures, *outputs arrays y, h (of the last hidden layer), loss_t,
/// target and mask. `observer` may stop it, which is an Error (null: nobody). Throws Error (usage) for outputs of rows
/// without a fixed number.
template <class T>
Score score_net(const NetLayers<T>& layers, const Output<T>& output, const Task& task, Split split,
                std::int64_t fresh_steps, int streams, Measures* measures = nullptr, Arrays* outputs = nullptr,
                Observer* observer = nullptr);

}  // namespace chronograd
