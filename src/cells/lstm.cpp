// SPDX-License-Identifier: Apache-2.0
// The LSTM in PyTorch's form, state (h, c):
//   i, f, o = sigmoid(.),  g = tanh(.),  c = f c_prev + i g,  h = o tanh(c)
// A unit's direct carry is c: h_prev acts through the gates alone.
#include "cells/options.hpp"
#include "chronograd/unit_loops.hpp"
#include "math/functions.hpp"

namespace chronograd {
namespace {

struct Lstm {
  static constexpr int states = 2, gates = 4, tape_size = 5, constants = 0;

  template <class T>
  CHRONOGRAD_INLINE static void step(const T* /*c*/, const T* u, const T* s, T* next, T* tape) {
    const T i = sigmoid_of(u[0]), f = sigmoid_of(u[1]), g = tanh_of(u[2]), o = sigmoid_of(u[3]);
    const T c = f * s[1] + i * g;
    const T squashed = tanh_of(c);
    next[0] = o * squashed;
    next[1] = c;
    tape[0] = i;
    tape[1] = f;
    tape[2] = g;
    tape[3] = o;
    tape[4] = squashed;
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* /*c*/, T /*self*/, const T* s, const T* tape, T* local, T* gain) {
    const T i = tape[0], f = tape[1], g = tape[2], o = tape[3], squashed = tape[4];
    const T through = o * (T(1) - squashed * squashed);  // dh/dc
    local[0] = T(0);
    local[1] = through * f;
    local[2] = T(0);
    local[3] = f;
    const T c_i = g * i * (T(1) - i), c_f = s[1] * f * (T(1) - f), c_g = i * (T(1) - g * g);
    gain[0] = through * c_i;
    gain[1] = through * c_f;
    gain[2] = through * c_g;
    gain[3] = squashed * o * (T(1) - o);
    gain[4] = c_i;
    gain[5] = c_f;
    gain[6] = c_g;
    gain[7] = T(0);
  }
};

// z = (h_prev, x, 1, 1): each of PyTorch's two biases has its own constant, so that both learn.
void layout(const CellRecord&, int d, int n, CellLayout& out) {
  out = CellLayout{};
  const int x = d, one_x = d + n, one_h = d + n + 1;
  out.input_at = x;
  out.ones = 2;
  out.ones_at[0] = one_x;
  out.ones_at[1] = one_h;
  out.columns = d + n + 2;
  out.moves[3] = 1;  // o acts on h alone
  out.block_count = 1;
  out.blocks[0] = {0, 4 * d, 0, d + n + 2, 0};
  out.parameter_count = 4;
  out.parameters[0] = {"weight_ih_l0",           4 * d, n, CellLayout::Parameter::input, {Start::uniform, d},
                       {{0, 0, 4 * d, n, 0, x}}, 1};
  out.parameters[1] = {"weight_hh_l0",           4 * d, d, CellLayout::Parameter::recurrent, {Start::uniform, d},
                       {{0, 0, 4 * d, d, 0, 0}}, 1};
  out.parameters[2] = {
      "bias_ih_l0", 4 * d, 0, CellLayout::Parameter::bias, {Start::uniform, d}, {{0, 0, 4 * d, 1, 0, one_x}}, 1};
  out.parameters[3] = {
      "bias_hh_l0", 4 * d, 0, CellLayout::Parameter::bias, {Start::uniform, d}, {{0, 0, 4 * d, 1, 0, one_h}}, 1};
}

constexpr Option options[] = {option_density, option_gain};

}  // namespace

namespace CHRONOGRAD_ISA {
extern const CellRecord cell_lstm;
const CellRecord cell_lstm = {
    .entry = {.name = "lstm",
              .title = "long short-term memory (PyTorch's form)",
              .formulae = "i = sigmoid(W_ii x + b_ii + W_hi h_{t-1} + b_hi)\n"
                          "f = sigmoid(W_if x + b_if + W_hf h_{t-1} + b_hf)\n"
                          "g = tanh(W_ig x + b_ig + W_hg h_{t-1} + b_hg)\n"
                          "o = sigmoid(W_io x + b_io + W_ho h_{t-1} + b_ho)\n"
                          "c_t = f * c_{t-1} + i * g,  h_t = o * tanh(c_t)",
              .symbols = "i, f, o: gates\n"
                         "g: what the unit is offered\n"
                         "c: the unit's memory\n"
                         "W_ii, W_if, W_ig, W_io: rows of weight_ih_l0\n"
                         "W_hi, W_hf, W_hg, W_ho: rows of weight_hh_l0\n"
                         "b_ii, b_if, b_ig, b_io: rows of bias_ih_l0\n"
                         "b_hi, b_hf, b_hg, b_ho: rows of bias_hh_l0",
              .text = "Parameters weight_ih_l0 (4d,n), weight_hh_l0 (4d,d), bias_ih_l0 (4d), bias_hh_l0 (4d), gates in "
                      "the order i f g o.",
              .cite = "hochreiter1997long",
              .options = options},
    .states = 2,
    .gates = 4,
    .tape = 5,
    .layout = layout,
    .kernels_float = unit_kernels<Lstm, float>(),
    .kernels_double = unit_kernels<Lstm, double>(),
    .h_carries = false,
    .further = {"c0"},
};
}  // namespace CHRONOGRAD_ISA
}  // namespace chronograd
