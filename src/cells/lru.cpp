// SPDX-License-Identifier: Apache-2.0
// The linear recurrent unit: a complex state of its own that turns and decays, read through a non-linearity.
//   s = lambda s_prev + gamma (B x + b),   lambda = exp(-exp(nu_log) + i exp(theta_log)),   h = f(Re s)
// State (h, Re s, Im s). nu_log and theta_log, one number a unit, are pre-activations whose only regressor is the
// constant 1; their gains hold what the state says. No unit reads another one: the trace of A alone is exact RTRL.
#include "cells/activate.hpp"
#include "cells/element_wise.hpp"
#include "cells/lru_decay.hpp"
#include "cells/options.hpp"

namespace chronograd {
namespace {

struct Lru {
  static constexpr int states = 3, gates = 4, tape_size = 8, constants = 0;

  // Pre-activations: real and imaginary part of B x + b, nu_log, theta_log.
  template <class T>
  CHRONOGRAD_INLINE static void step(const T* /*c*/, const T* u, const T* s, T* next, T* tape) {
    const auto turn = LruTurn<T>::of(u);
    next[1] = turn.real(s[1], s[2]);
    next[2] = turn.imaginary(s[1], s[2]);
    next[0] = next[1];  // before f
    tape[0] = T(1);
    turn.keep(tape + 1);
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* /*c*/, T /*self*/, const T* s, const T* tape, T* local, T* gain) {
    const auto turn = LruTurn<T>::kept(tape + 1);
    T by_u[2][4];
    turn.slopes(s[1], s[2], by_u);
    local[3] = local[6] = T(0);
    local[4] = local[8] = turn.re;
    local[5] = -turn.im;
    local[7] = turn.im;
    each<2>([&](auto v) { each<4>([&](auto g) { gain[4 + v * 4 + g] = by_u[v][g]; }); });
    read_second_state<states, gates>(tape[0], local, gain);
  }
};

template <class T>
constexpr CellKernels<T> lru_kernels() {
  CellKernels<T> kernels = unit_kernels<Lru, T>();
  kernels.step = [](const CellArgs<T>& args) {
    step_then_activate<Lru>(args, static_cast<Activation>(args.variant), 0);
  };
  return kernels;
}

void layout(const CellRecord&, int d, int n, CellLayout& out) {
  element_wise_layout(d, n, 2, out);  // real and imaginary part; nu_log and theta_log
  const int x = out.input_at, one = out.ones_at[0];
  out.parameter_count = 6;
  using Parameter = CellLayout::Parameter;
  out.parameters[0] = {"nu_log", d, 0, Parameter::bias, {Start::ring_magnitude, 1}, {{0, 0, d, 1, 2 * d, one}}, 1};
  out.parameters[1] = {"theta_log", d, 0, Parameter::bias, {Start::ring_phase, 1}, {{0, 0, d, 1, 3 * d, one}}, 1};
  out.parameters[2] = {"B_re", d, n, Parameter::input, {Start::normal, 2 * n}, {{0, 0, d, n, 0, x}}, 1};
  out.parameters[3] = {"B_im", d, n, Parameter::input, {Start::normal, 2 * n}, {{0, 0, d, n, d, x}}, 1};
  out.parameters[4] = {"b_re", d, 0, Parameter::bias, {Start::zero, 1}, {{0, 0, d, 1, 0, one}}, 1};
  out.parameters[5] = {"b_im", d, 0, Parameter::bias, {Start::zero, 1}, {{0, 0, d, 1, d, one}}, 1};
}

constexpr Option options[] = {
    option_activation,
    option_r_min,
    option_r_max,
    option_max_phase,
};

}  // namespace

namespace CHRONOGRAD_ISA {
extern const CellRecord cell_lru;
const CellRecord cell_lru = {
    .entry = {.name = "lru",
              .title = "linear recurrent unit: complex, element-wise, with a non-linear readout",
              .formulae = "s_t = lambda * s_{t-1} + gamma * (B x_t + b),  h_t = f(Re s_t)\n"
                          "lambda = exp(-exp(nu_log) + i exp(theta_log)),  gamma = sqrt(1 - |lambda|^2)",
              .symbols = "s: the unit's state, complex\n"
                         "B, b: input weights and biases, complex\n"
                         "i: the imaginary unit\n"
                         "nu_log, theta_log: how fast a unit decays and turns",
              .text = "Parameters nu_log (d), theta_log (d), B_re (d,n), B_im (d,n), b_re (d), b_im (d). No unit reads "
                      "another one: rtrl costs O(p), and in one layer rflo, eprop and snap are the same, exact. State "
                      "(h, Re s, Im s): h0, s_re0 and s_im0 in data.",
              .cite = "orvieto2023resurrecting,zucchet2023online",
              .options = options},
    .states = 3,
    .gates = 4,
    .tape = 8,
    .layout = layout,
    .kernels_float = lru_kernels<float>(),
    .kernels_double = lru_kernels<double>(),
    .h_carries = false,
    .further = {"s_re0", "s_im0"},
    .variant = activation_variant,
};
}  // namespace CHRONOGRAD_ISA
}  // namespace chronograd
