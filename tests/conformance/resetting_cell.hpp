// SPDX-License-Identifier: Apache-2.0
// A cell that is not in the catalogue, with all that the seam knows and no cell of the catalogue has: a unit's effect
// on itself through its h that counts as recurrence, and a number that is carried and takes no credit.
//   v' = alpha v + u - theta h,   h' = k tanh(v'),   k = 1/2 at every third step, else 1
#pragma once

#include <cmath>

#include "chronograd/unit_loops.hpp"

namespace chronograd::conformance {

struct Resetting {
  static constexpr int states = 2, gates = 1, tape_size = 1, constants = 2, carried = 1;

  template <class T>
  static void step(const T* c, const T* u, const T* s, T* next, T* tape) {
    const T v = c[0] * s[1] + u[0] - c[1] * s[0], factor = s[2] > T(1) ? T(0.5) : T(1), shape = std::tanh(v);
    next[0] = factor * shape;
    next[1] = v;
    next[2] = s[2] > T(1) ? T(0) : s[2] + T(1);
    tape[0] = factor * (T(1) - shape * shape);
  }
  template <class T>
  static void linearise(const T* c, T self, const T*, const T* tape, T* local, T* gain) {
    local[2] = -c[1] * self;
    local[3] = c[0];
    gain[1] = T(1);
    local[0] = tape[0] * local[2];
    local[1] = tape[0] * local[3];
    gain[0] = tape[0];
  }
};

inline void resetting_layout(const CellRecord&, int d, int n, CellLayout& out) {
  using Role = CellLayout::Parameter;
  out = {};
  out.input_at = d;
  out.ones = 1;
  out.ones_at[0] = d + n;
  out.columns = d + n + 1;
  out.block_count = 1;
  out.blocks[0] = {.row = 0, .rows = d, .col = 0, .cols = d + n + 1, .begin = 0};
  out.parameter_count = 3;
  out.parameters[0] = {"W_rec", d, d, Role::recurrent, {Start::normal, d}, {{0, 0, d, d, 0, 0}}, 1};
  out.parameters[1] = {"W_in", d, n, Role::input, {Start::normal, n}, {{0, 0, d, n, 0, d}}, 1};
  out.parameters[2] = {"b_h", d, 0, Role::bias, {Start::zero, 1}, {{0, 0, d, 1, 0, d + n}}, 1};
}

inline void resetting_constants(const CellRecord&, const Options&, int units, double* out) {
  for (int i = 0; i < units; ++i) {
    out[i] = 0.6 + 0.3 * (i % 2);
    out[units + i] = 0.5 + 0.2 * (i % 3);
  }
}

constexpr CellRecord resetting = {
    .entry = {.name = "resetting", .title = "a unit that lowers itself by its own output"},
    .states = 2,
    .gates = 1,
    .tape = 1,
    .layout = resetting_layout,
    .kernels_float = unit_kernels<Resetting, float>(),
    .kernels_double = unit_kernels<Resetting, double>(),
    .h_carries = false,
    .further = {"v0"},
    .carried = 1,
    .self = true,
    .constants = {"alpha", "theta"},
    .fill = resetting_constants,
};

}  // namespace chronograd::conformance
