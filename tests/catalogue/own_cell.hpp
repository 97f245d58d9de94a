// SPDX-License-Identifier: Apache-2.0
// A cell as somebody else would write it, against the installed headers alone: the LSTM, two functions of one unit.
#pragma once

#include <cmath>

#include "chronograd/unit_loops.hpp"

namespace own {

struct Lstm {
  static constexpr int states = 2, gates = 4, tape_size = 5, constants = 0;

  template <class T>
  static T sigmoid(T u) {
    return T(1) / (T(1) + std::exp(-u));
  }
  template <class T>
  static void step(const T* /*c*/, const T* u, const T* s, T* next, T* tape) {
    tape[0] = sigmoid(u[0]);
    tape[1] = sigmoid(u[1]);
    tape[2] = std::tanh(u[2]);
    tape[3] = sigmoid(u[3]);
    next[1] = tape[1] * s[1] + tape[0] * tape[2];
    tape[4] = std::tanh(next[1]);
    next[0] = tape[3] * tape[4];
  }
  template <class T>
  static void linearise(const T* /*c*/, T /*self*/, const T* s, const T* tape, T* local, T* gain) {
    const T i = tape[0], f = tape[1], g = tape[2], o = tape[3], squashed = tape[4];
    const T through = o * (T(1) - squashed * squashed);
    local[0] = local[2] = T(0);
    local[1] = through * f;
    local[3] = f;
    gain[4] = g * i * (T(1) - i);
    gain[5] = s[1] * f * (T(1) - f);
    gain[6] = i * (T(1) - g * g);
    gain[7] = T(0);
    for (int k = 0; k < 3; ++k) gain[k] = through * gain[4 + k];
    gain[3] = squashed * o * (T(1) - o);
  }
};

inline void lstm_layout(const chronograd::CellRecord&, int d, int n, chronograd::CellLayout& out) {
  using chronograd::Start;
  using Role = chronograd::CellLayout::Parameter;
  out = {};
  out.input_at = d;
  out.ones = 2;
  out.ones_at[0] = d + n;
  out.ones_at[1] = d + n + 1;
  out.columns = d + n + 2;
  out.block_count = 1;
  out.blocks[0] = {.row = 0, .rows = 4 * d, .col = 0, .cols = d + n + 2, .begin = 0};
  out.parameter_count = 4;
  const Start start = {Start::uniform, d};
  out.parameters[0] = {"weight_ih_l0", 4 * d, n, Role::input, start, {{0, 0, 4 * d, n, 0, d}}, 1};
  out.parameters[1] = {"weight_hh_l0", 4 * d, d, Role::recurrent, start, {{0, 0, 4 * d, d, 0, 0}}, 1};
  out.parameters[2] = {"bias_ih_l0", 4 * d, 0, Role::bias, start, {{0, 0, 4 * d, 1, 0, d + n}}, 1};
  out.parameters[3] = {"bias_hh_l0", 4 * d, 0, Role::bias, start, {{0, 0, 4 * d, 1, 0, d + n + 1}}, 1};
}

inline chronograd::CellRecord lstm_record() {
  return {.entry = {.name = "my_lstm", .title = "the LSTM, two functions of one unit"},
          .states = Lstm::states,
          .gates = Lstm::gates,
          .tape = Lstm::tape_size,
          .layout = lstm_layout,
          .kernels_float = chronograd::unit_kernels<Lstm, float>(),
          .kernels_double = chronograd::unit_kernels<Lstm, double>(),
          .h_carries = false,
          .further = {"c0"}};
}

}  // namespace own
