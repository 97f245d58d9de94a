// SPDX-License-Identifier: Apache-2.0
// Synthesisers of a few layers: z_0 = f, z_l = (r(A_l z_{l-1}), 1), g = A z, r the identity or relu (relu' = 0 at 0).
// Without hidden layers it is g = A f.
#pragma once

#include <memory>
#include <vector>

#include "chronograd/synthesiser.hpp"

namespace chronograd {

/// `hidden`: units of the hidden layers, from the first. A hidden layer's weight from column j to row i is the j-th
/// normal number drawn for the row, divided by the root of the number of columns; rows are numbered on from layer to
/// layer. The last layer is zero unless sg_zero is false. Throws Error (usage) for more parameters than an int counts.
template <class T>
std::unique_ptr<Synthesiser<T>> make_layered(const SynthesiserSetup& setup, const std::vector<int>& hidden, bool relu);

}  // namespace chronograd
