// SPDX-License-Identifier: Apache-2.0
// Whatever kind of net an experiment has: train() and check_training() of chronograd/train.hpp, evaluate() of
// chronograd/evaluate.hpp, and this.
#pragma once

#include "chronograd/evaluate.hpp"

namespace chronograd {

/// evaluate(), or with `checkpoint` the same for the weights that a checkpoint holds.
Score evaluate_run(const Config& config, const Task& task, Split split, const Arrays& arrays, const std::string& name,
                   bool checkpoint, Measures* measures, Arrays* outputs, Observer* observer = nullptr);

}  // namespace chronograd
