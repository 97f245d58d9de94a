// SPDX-License-Identifier: Apache-2.0
// The GRU in PyTorch's form: the reset gate acts after the recurrent product, h = (1 - z) a + z h_prev. (With the reset
// before the product, a weight into the reset gate would move every unit in one step.)
//   r = sigmoid(.), z = sigmoid(.),  a = tanh(a_x + r a_h),  a_x = W_in x + b_in,  a_h = U_n h_prev + b_hn
// The four pre-activations of a unit, in this order: a_x, z, r, a_h.
#include "cells/options.hpp"
#include "chronograd/unit_loops.hpp"
#include "math/functions.hpp"

namespace chronograd {
namespace {

struct Gru {
  static constexpr int states = 1, gates = 4, tape_size = 4, constants = 0;

  template <class T>
  CHRONOGRAD_INLINE static void step(const T* /*c*/, const T* u, const T* s, T* next, T* tape) {
    const T z = sigmoid_of(u[1]);
    const T r = sigmoid_of(u[2]);
    const T a = tanh_of(u[0] + r * u[3]);
    next[0] = a + z * (s[0] - a);
    tape[0] = z;
    tape[1] = r;
    tape[2] = a;
    tape[3] = u[3];
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* /*c*/, T /*self*/, const T* s, const T* tape, T* local, T* gain) {
    const T z = tape[0], r = tape[1], a = tape[2], a_h = tape[3];
    const T candidate = (T(1) - z) * (T(1) - a * a);
    local[0] = z;
    gain[0] = candidate;
    gain[1] = (s[0] - a) * z * (T(1) - z);
    gain[2] = candidate * a_h * r * (T(1) - r);
    gain[3] = candidate * r;
  }
};

// z = (h_prev, 1, x, 1): each of PyTorch's two biases has its own constant, so that both learn.
void layout(const CellRecord&, int d, int n, CellLayout& out) {
  out = CellLayout{};
  const int one_h = d, x = d + 1, one_x = d + 1 + n;
  out.input_at = x;
  out.ones = 2;
  out.ones_at[0] = one_h;
  out.ones_at[1] = one_x;
  out.columns = d + n + 2;
  const std::size_t size_x = std::size_t(d) * (n + 1), size_zr = std::size_t(2 * d) * (d + n + 2);
  out.block_count = 3;
  out.blocks[0] = {0, d, x, n + 1, 0};                     // a_x
  out.blocks[1] = {d, 2 * d, 0, d + n + 2, size_x};        // z, r
  out.blocks[2] = {3 * d, d, 0, d + 1, size_x + size_zr};  // a_h
  // Files have the gates in the order r, z, n.
  out.parameter_count = 4;
  out.parameters[0] = {"weight_ih_l0",
                       3 * d,
                       n,
                       CellLayout::Parameter::input,
                       {Start::uniform, d},
                       {{0, 0, d, n, 2 * d, x}, {d, 0, d, n, d, x}, {2 * d, 0, d, n, 0, x}},
                       3};
  out.parameters[1] = {"weight_hh_l0",
                       3 * d,
                       d,
                       CellLayout::Parameter::recurrent,
                       {Start::uniform, d},
                       {{0, 0, d, d, 2 * d, 0}, {d, 0, d, d, d, 0}, {2 * d, 0, d, d, 3 * d, 0}},
                       3};
  out.parameters[2] = {"bias_ih_l0",
                       3 * d,
                       0,
                       CellLayout::Parameter::bias,
                       {Start::uniform, d},
                       {{0, 0, d, 1, 2 * d, one_x}, {d, 0, d, 1, d, one_x}, {2 * d, 0, d, 1, 0, one_x}},
                       3};
  out.parameters[3] = {"bias_hh_l0",
                       3 * d,
                       0,
                       CellLayout::Parameter::bias,
                       {Start::uniform, d},
                       {{0, 0, d, 1, 2 * d, one_h}, {d, 0, d, 1, d, one_h}, {2 * d, 0, d, 1, 3 * d, one_h}},
                       3};
}

constexpr Option options[] = {option_density, option_gain};

}  // namespace

namespace CHRONOGRAD_ISA {
extern const CellRecord cell_gru;
const CellRecord cell_gru = {
    .entry = {.name = "gru",
              .title = "gated recurrent unit, reset after the recurrent product (PyTorch's form)",
              .formulae = "r = sigmoid(W_ir x + b_ir + W_hr h_{t-1} + b_hr)\n"
                          "z = sigmoid(W_iz x + b_iz + W_hz h_{t-1} + b_hz)\n"
                          "a = tanh(W_in x + b_in + r * (W_hn h_{t-1} + b_hn))\n"
                          "h_t = (1 - z) * a + z * h_{t-1}",
              .symbols = "r, z: gates\n"
                         "a: what the unit is offered\n"
                         "W_ir, W_iz, W_in: rows of weight_ih_l0\n"
                         "W_hr, W_hz, W_hn: rows of weight_hh_l0\n"
                         "b_ir, b_iz, b_in: rows of bias_ih_l0\n"
                         "b_hr, b_hz, b_hn: rows of bias_hh_l0",
              .text = "Parameters weight_ih_l0 (3d,n), weight_hh_l0 (3d,d), bias_ih_l0 (3d), bias_hh_l0 (3d), gates in "
                      "the order r z n.",
              .cite = "cho2014learning",
              .options = options},
    .states = 1,
    .gates = 4,
    .tape = 4,
    .layout = layout,
    .kernels_float = unit_kernels<Gru, float>(),
    .kernels_double = unit_kernels<Gru, double>(),
};
}  // namespace CHRONOGRAD_ISA
}  // namespace chronograd
