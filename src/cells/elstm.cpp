// SPDX-License-Identifier: Apache-2.0
// An LSTM each unit of which hears no other unit but itself, and of itself its own c alone:
//   c' = f c + (1 - f) z,  z = tanh(W_z x + w_z c + b_z),  f = sigmoid(W_f x + w_f c + b_f)
//   h  = o c',             o = sigmoid(W_o x + w_o c' + b_o)
// State (h, c). The weights w, one number a unit each, are pre-activations whose only regressor is the constant 1. No
// unit reads another one: the trace of A alone is exact RTRL.
#include "cells/element_wise.hpp"
#include "cells/options.hpp"
#include "math/functions.hpp"

namespace chronograd {
namespace {

struct Elstm {
  static constexpr int states = 2, gates = 6, tape_size = 7, constants = 0;

  // Pre-activations: W x + b of z, f, o, then w_z, w_f, w_o.
  template <class T>
  CHRONOGRAD_INLINE static void step(const T* /*c*/, const T* u, const T* s, T* next, T* tape) {
    const T z = tanh_of(u[0] + u[3] * s[1]), f = sigmoid_of(u[1] + u[4] * s[1]);
    const T c = z + f * (s[1] - z);
    const T o = sigmoid_of(u[2] + u[5] * c);
    next[0] = o * c;
    next[1] = c;
    tape[0] = z;
    tape[1] = f;
    tape[2] = o;
    tape[3] = c;
    tape[4] = u[3];
    tape[5] = u[4];
    tape[6] = u[5];
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* /*c*/, T /*self*/, const T* s, const T* tape, T* local, T* gain) {
    const T z = tape[0], f = tape[1], o = tape[2], c = tape[3];
    const T c_z = (T(1) - f) * (T(1) - z * z), c_f = (s[1] - z) * f * (T(1) - f);  // dc/d(argument of z), of f
    const T h_o = c * o * (T(1) - o), h_c = o + h_o * tape[6];                     // dh/d(argument of o), dh/dc
    local[2] = T(0);
    local[3] = f + c_f * tape[5] + c_z * tape[4];
    local[0] = T(0);
    local[1] = h_c * local[3];
    gain[6] = c_z;
    gain[7] = c_f;
    gain[8] = T(0);
    gain[9] = c_z * s[1];
    gain[10] = c_f * s[1];
    gain[11] = T(0);
    each<6>([&](auto g) { gain[g] = h_c * gain[6 + g]; });
    gain[2] = h_o;
    gain[5] = h_o * c;
  }
};

void layout(const CellRecord&, int d, int n, CellLayout& out) {
  element_wise_layout(d, n, 3, out);
  const int x = out.input_at, one = out.ones_at[0];
  out.moves[2] = out.moves[5] = 1;  // o acts on h alone
  using Parameter = CellLayout::Parameter;
  const char* const inputs[] = {"W_z", "W_f", "W_o"};
  const char* const own[] = {"w_z", "w_f", "w_o"};
  const char* const biases[] = {"b_z", "b_f", "b_o"};
  out.parameter_count = 9;
  for (int g = 0; g < 3; ++g) {
    out.parameters[g] = {inputs[g], d, n, Parameter::input, {Start::normal, n}, {{0, 0, d, n, g * d, x}}, 1};
    out.parameters[3 + g] = {own[g], d, 0, Parameter::recurrent, {Start::uniform, 1}, {{0, 0, d, 1, (3 + g) * d, one}},
                             1};
    out.parameters[6 + g] = {biases[g], d, 0, Parameter::bias, {Start::zero, 1}, {{0, 0, d, 1, g * d, one}}, 1};
  }
}

constexpr Option options[] = {option_gain};

}  // namespace

namespace CHRONOGRAD_ISA {
extern const CellRecord cell_elstm;
const CellRecord cell_elstm = {
    .entry = {.name = "elstm",
              .title = "element-wise LSTM: each unit's gates hear its own c alone",
              .formulae = "c_t = f * c_{t-1} + (1 - f) * z,  h_t = o * c_t\n"
                          "z = tanh(W_z x_t + w_z * c_{t-1} + b_z)\n"
                          "f = sigmoid(W_f x_t + w_f * c_{t-1} + b_f)\n"
                          "o = sigmoid(W_o x_t + w_o * c_t + b_o)",
              .symbols = "z: what the unit is offered\n"
                         "f, o: gates\n"
                         "c: the unit's memory\n"
                         "W_z, W_f, W_o: input weights\n"
                         "w_z, w_f, w_o: weights of a unit from its own c\n"
                         "b_z, b_f, b_o: biases",
              .text = "Parameters W_z W_f W_o (d,n), w_z w_f w_o b_z b_f b_o (d). No unit reads another one: rtrl "
                      "costs O(p), and in one layer rflo, eprop and snap are the same, exact. The published cell has "
                      "a full matrix in o, on c_t: that is a layer above the recursion, here model.layers or the "
                      "readout. State (h, c): h0 and c0 in data.",
              .cite = "irie2024exploring",
              .options = options},
    .states = 2,
    .gates = 6,
    .tape = 7,
    .layout = layout,
    .kernels_float = unit_kernels<Elstm, float>(),
    .kernels_double = unit_kernels<Elstm, double>(),
    .h_carries = false,
    .further = {"c0"},
};
}  // namespace CHRONOGRAD_ISA
}  // namespace chronograd
