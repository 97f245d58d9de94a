// SPDX-License-Identifier: Apache-2.0
// Constants and form of spiking units, from the settings of [model].
#pragma once

#include "chronograd/cell.hpp"

namespace chronograd {

/// In the order in which settings name them.
enum class Surrogate { triangular, exponential, fast_sigmoid, arctan, multi_gaussian };
constexpr const char* surrogate_words = "triangular|exponential|fast_sigmoid|arctan|multi_gaussian";
/// What a spike takes of v: the threshold v_th at the next step, or within its own; all of v within its own step.
enum class Reset { next, step, zero };
/// The form of a unit: a Surrogate, `reset_form` times a Reset, and `reset_stopped` where no credit passes through it.
constexpr int reset_form = 8, reset_stopped = 32;

/// [8][d]: decay of v and of a, beta, v_th, zeta, height and 1/width of psi, n_ref. Throws Error (usage).
void spiking_constants(const CellRecord& record, const Options& model, int units, double* constants);
int spiking_variant(const Options& model);

}  // namespace chronograd
