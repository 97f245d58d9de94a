// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/sizes.hpp"
#include "chronograd/buffer.hpp"

namespace chronograd {

/// Inputs and targets of B streams over some steps, steps first.
template <class T>
struct Batch {
  int steps = 0, streams = 0;
  Buffer<T> x;                 ///< [steps][B][n]
  Buffer<T> y;                 ///< [steps][B][m]
  Buffer<T> mask;              ///< [steps][B] weight of the step's loss in the data, by which mean losses are taken
  Buffer<T> weight;            ///< [steps][B] mask times normalisation: the factor of the step's loss in the objective
  Buffer<std::uint8_t> reset;  ///< [steps][B]
  Buffer<std::uint8_t> idle;   ///< [steps][B] 1: padding, or the stream is not there; or empty: no step is either
  Buffer<T> count;             ///< [steps][B] what each step counts in a mean output; networks that have one
  Buffer<T> third;             ///< [steps][B][q] the third factor, over the divisor of losses; or empty: there is none
  Buffer<T> state;             ///< [B][N S d] first states, or [B] as Stepper::state_of gives them, or empty: zero
  T share = 1;                 ///< the factor of a stream's rate cost in the objective: 1/B where it is a mean
  bool any_padding = false;    ///< some of the steps are padding, see Steps

  /// A step of a stream, row = step * B + stream, that is padding, or the stream is not there.
  bool idles(std::size_t row) const { return idle.size() > 0 && idle[row] != 0; }

  void resize(int step_count, int stream_count, int inputs, int outputs) {
    steps = step_count;
    streams = stream_count;
    x.resize(area(steps * streams, inputs));
    y.resize(area(steps * streams, outputs));
    mask.resize(area(steps, streams));
    weight.resize(area(steps, streams));
    reset.resize(area(steps, streams));
  }
};

}  // namespace chronograd
