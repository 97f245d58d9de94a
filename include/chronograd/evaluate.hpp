// SPDX-License-Identifier: Apache-2.0
// A network under given parameters, of which nobody learns.
#pragma once

#include <string>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/export.hpp"
#include "chronograd/observer.hpp"
#include "chronograd/run_result.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// Loss and accuracy of parameters, as train() returns them: means over the steps that count, of all rows of the split.
/// Of a task that draws its rows as many fresh steps are taken as train.test_steps says, side by side as many streams
/// as train.batch says. A split without rows gives a score of -1 steps. `parameters_name` stands for their file in
/// messages.
///
/// `*measures` gets what else was measured (null: not asked for). `*outputs` gets what the network does at each step,
/// in dtype: y (B,T,m) after the output activation, h (B,T,d) of the top layer, loss_t (B,T) weighted by the mask,
/// target (B,T,m) with classes as one-hot rows, mask (B,T); and the task's mapping. `observer` (null: nobody) is asked
/// after each segment whether to go on: the parts of a Position are steps of all rows. Throws Error (data) for arrays
/// that do not fit; Error (usage) for outputs of rows without number or end; Error (interrupted) after a stop.
CHRONOGRAD_API Score evaluate(const Config& config, const Task& task, Split split, const Arrays& parameters,
                              const std::string& parameters_name = "parameters", Measures* measures = nullptr,
                              Arrays* outputs = nullptr, Observer* observer = nullptr);

}  // namespace chronograd
