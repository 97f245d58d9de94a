// SPDX-License-Identifier: Apache-2.0
// train(), check_training() and evaluate() of feed-forward nets ([net]).
#pragma once

#include "chronograd/evaluate.hpp"
#include "chronograd/train.hpp"

namespace chronograd {

RunResult train_net(const Config& config, const Task& task, const RunOptions& options);
void check_net_training(const Config& config, const Task& task, const RunOptions& options);

/// evaluate(), or with `checkpoint` the same for the weights that a checkpoint holds.
Score evaluate_net(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
                   bool checkpoint, Measures* measures, Arrays* outputs, Observer* observer);

}  // namespace chronograd
