// SPDX-License-Identifier: Apache-2.0
// Which step a gradient is charged to, asked of any rule: a further regressor that is not zero at one step alone.
#pragma once

#include <memory>

#include "chronograd/cell.hpp"

namespace chronograd {

/// The same cell, each of whose pre-activations reads `marks` further regressors, the last columns of its block. With
/// weights of zero they change no state. A gradient is a sum of du_s (x) z_s over the steps s at which weights were
/// used, so where regressor i of the marks is `step_mark` at step i and zero at all others, the gradient of its weights
/// is `step_mark` times the du that a rule charges to step i, whatever the rule keeps its memory in. Parameters with
/// names have the names and shapes of the plain cell's. `plain` may be of any kind.
std::shared_ptr<const CellRecord> marked_cell(const std::shared_ptr<const CellRecord>& plain, int marks);

/// So small that its square is zero in float64: rules that scale their memory by norms of regressors
/// (uoro) find the same norms as without marks. A power of two, so that dividing by it rounds nothing.
constexpr double step_mark = 0x1p-600;

}  // namespace chronograd
