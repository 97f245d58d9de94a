// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chronograd/task.hpp"
#include "training/loss_settings.hpp"

namespace chronograd {

/// The factors of loss.class_weights, one for each of the m classes; empty: all are 1. "balanced": N / (C N_c) with N_c
/// the weight of the training steps of class c, N that of all, C the number of classes that occur; 0 for those that do
/// not. Throws Error (usage) where targets are no classes, for another number of factors than classes, for zeros alone,
/// and for "balanced" on rows that are drawn without end; Error (data) where no step counts.
std::vector<double> class_weights(const LossSettings& loss, const Task& task);
/// The same for m outputs of a stream that nobody can count: "balanced" is refused too.
std::vector<double> class_weights(const LossSettings& loss, int outputs);

}  // namespace chronograd
