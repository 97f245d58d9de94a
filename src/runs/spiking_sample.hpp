// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/array.hpp"
#include "chronograd/task.hpp"
#include "network/network.hpp"
#include "training/forward_pass.hpp"

namespace chronograd {

/// What figures show of a network whose units spike: one row from its first step on (of an endless stream 1000 steps
/// from its middle), longer than the rows of the sample, with credit. T: its steps, 4000 at most.
///   row/x (T,n) inputs, row/h (T,N d) the spikes of the layers side by side, bottom first, row/y (T,m) outputs after
///   their activation, row/target (T,m), row/mask (T);
///   row/units (k): up to three units of the top layer, the one that fires most, the one in the middle, and the one
///   with the most credit; of each row/v, row/threshold, row/psi and row/credit (T,k), c = dL_t/dstate as the run's
///   feedback has it, its losses not normalised; row/from (k): the number, among h and then the inputs, of what fires
///   most of all that a weight leads from to the unit, -1 for none; row/trace (T,k): the eligibility trace of that
///   weight, what c is multiplied with in e-prop.
/// Adds nothing for cells that do not spike.
template <class T>
void add_spiking_row(const Network<T>& network, const Options& model, const Weights<T>& weights, const Task& task,
                     Split split, Arrays& arrays);

}  // namespace chronograd
