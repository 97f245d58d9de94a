// SPDX-License-Identifier: Apache-2.0
// Constants and form of spiking units, from the settings of [model].
#pragma once

#include "chronograd/cell.hpp"

namespace chronograd {

/// In the order in which settings name them.
enum class Surrogate { triangular, exponential, fast_sigmoid, arctan, multi_gaussian };
constexpr const char* surrogate_words = "triangular|exponential|fast_sigmoid|arctan|multi_gaussian";
/// The form of a unit: a Surrogate, and this much more where no credit passes through the reset.
constexpr int reset_stopped = 16;

/// [8][d]: decay of v and of a, beta, v_th, zeta, height and 1/width of psi, n_ref. Throws Error (usage).
void spiking_constants(const CellRecord& record, const Options& model, int units, double* constants);
int spiking_variant(const Options& model);

}  // namespace chronograd
