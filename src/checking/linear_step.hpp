// SPDX-License-Identifier: Apache-2.0
// One step of one stream, linearised: its Jacobian in two parts and its immediate influence, by dual numbers.
#pragma once

#include "checking/layout.hpp"

namespace chronograd::checking {

struct LinearStep {
  Vector after;      ///< [N S d] state after the step
  Vector direct;     ///< [N S d][N S d] Jacobian of what a unit keeps of itself; zero where the stream begins
  Vector recurrent;  ///< [N S d][N S d] Jacobian through W_rec (columns of h only); zero where the stream begins
  Vector drive;      ///< [N S d][N 2 d] derivative by what may be added to the pre-activations of a cell without biases
  Vector influence;  ///< [N S d][p] derivative by the layers' parameters with the state before held
  Vector up;         ///< [N S d][N H d] derivative by the h of each layer below the state's own, same step

  Vector jacobian() const;  ///< direct + recurrent
};

/// Step t of stream b from state `before`, which is taken as zero where the stream begins.
LinearStep linearise(const OracleProblem& problem, const Layout& layout, const Vector& theta, int b, int t,
                     const Vector& before);

/// What is read out after a step.
struct Reading {
  Vector y;         ///< [m] outputs
  Vector error;     ///< [m] dL_t/da_t, weighted
  Vector credit;    ///< [H d] immediate credit on what the top layer shows: `feedback` or W_out^T times error
  double loss = 0;  ///< weighted
  double divisor = 1;
};
Reading read_out(const OracleProblem& problem, const Layout& layout, const Vector& theta, int b, int t,
                 const Vector& state);

/// Adds the readout's gradient, error h^T and error, to `gradient` (all parameters).
void add_readout_gradient(const Layout& layout, const Reading& reading, const Vector& state, Vector& gradient);

/// A (rows, inner) times B (inner, cols).
Vector product(int rows, int inner, int cols, const Vector& A, const Vector& B);

}  // namespace chronograd::checking
