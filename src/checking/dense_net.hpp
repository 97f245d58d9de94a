// SPDX-License-Identifier: Apache-2.0
// The gradient of a feed-forward net from its definition: plain loops over a reverse tape, in float64.
#pragma once

#include <string>
#include <vector>

#include "checking/layout.hpp"
#include "checking/oracle.hpp"
#include "chronograd/loss.hpp"

namespace chronograd::checking {

/// A net and a batch of samples.
struct DenseNet {
  std::vector<int> widths;  ///< of hidden layers, from the input on
  Function activation, output;
  bool normalised;  ///< by the batch
  const LossRecord& loss;
  bool mean;  ///< the sum of losses is divided by that of the weights
  int inputs, outputs, rows;
  Vector x;       ///< [rows][inputs]
  Vector target;  ///< [rows][outputs]
  Vector weight;  ///< [rows]
  Named parameters;
};

/// What one batch comes to.
struct DenseGradient {
  double loss;     ///< the objective
  Named gradient;  ///< of what learns
  Named running;   ///< mean1, var1, ... after the batch, from those before it
};

DenseGradient gradient_of(const DenseNet& net);

}  // namespace chronograd::checking
