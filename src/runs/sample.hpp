// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "chronograd/array.hpp"
#include "chronograd/config.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// What figures show of a network at work, beside its numbers: some rows of the test data (of the training data where
/// there are none) under the trained weights, without noise in their order. A few hundred steps, whatever the task.
///   x (B,T,n), y (B,T,m) after the output activation, target (B,T,m), mask (B,T), h (B,T,d),
///   initial/NAME: the recurrent weights before the first update;
/// of cells that spike v, threshold and psi (B,T,d), in stacks of every layer as v_l0, ..., and one row, row/NAME
/// (runs/spiking_sample.hpp).
/// `begin`: the parameters that the run began with, null where they were drawn from the seed; `trained`: after it.
Arrays sample_of(const Config& config, const Task& task, const Arrays* begin, const Arrays& trained);

/// Writes sample.npz into the folder of a run. Throws Error (data).
void write_sample(const std::string& folder, const Config& config, const Task& task, const Arrays* begin,
                  const Arrays& trained);

}  // namespace chronograd
