// SPDX-License-Identifier: Apache-2.0
// A step that lies behind, linearised with its own pre-activations and other weights: those of now.
#pragma once

#include "checking/linear_step.hpp"

namespace chronograd::checking {

/// The step's Jacobian [N S d][N S d] with the weights `theta` (all parameters): what a unit keeps of itself, and W_rec
/// by the slopes of its step. Zero where the stream begins (`cut`).
Vector jacobian_of_now(const Layout& layout, const Vector& theta, const LinearStep& linear, bool cut);
/// The same for the influence [N S d][p]: a layer's own, and what it moves above.
Vector influence_of_now(const Layout& layout, const Vector& theta, const LinearStep& linear);

}  // namespace chronograd::checking
