// SPDX-License-Identifier: Apache-2.0
// The linear recurrent unit without phase: a leaky integrator whose rate is learnt, read through a non-linearity.
//   s = lambda s_prev + gamma (B x + b),   lambda = exp(-exp(nu_log)) in (0, 1),   h = f(s)
#include "cells/activate.hpp"
#include "cells/element_wise.hpp"
#include "cells/lru_decay.hpp"
#include "cells/options.hpp"

namespace chronograd {
namespace {

struct LruReal {
  static constexpr int states = 2, gates = 2, tape_size = 5, constants = 0;

  // Pre-activations: B x + b, nu_log.
  template <class T>
  CHRONOGRAD_INLINE static void step(const T* /*c*/, const T* u, const T* s, T* next, T* tape) {
    const LruDecay<T> decay(u[1]);
    next[1] = decay.magnitude * s[1] + decay.gamma * u[0];
    next[0] = next[1];  // before f
    tape[0] = T(1);
    tape[1] = decay.magnitude;
    tape[2] = decay.a;
    tape[3] = decay.gamma;
    tape[4] = u[0];
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* /*c*/, T /*self*/, const T* s, const T* tape, T* local, T* gain) {
    const T slope = tape[0], lambda = tape[1], a = tape[2], gamma = tape[3];
    local[2] = T(0);
    local[3] = lambda;
    gain[2] = gamma;
    gain[3] = gamma_slope(a, lambda * lambda, gamma) * tape[4] - a * lambda * s[1];
    read_second_state<states, gates>(slope, local, gain);
  }
};

template <class T>
constexpr CellKernels<T> lru_real_kernels() {
  CellKernels<T> kernels = unit_kernels<LruReal, T>();
  kernels.step = [](const CellArgs<T>& args) {
    step_then_activate<LruReal>(args, static_cast<Activation>(args.variant), 0);
  };
  return kernels;
}

void layout(const CellRecord&, int d, int n, CellLayout& out) {
  element_wise_layout(d, n, 1, out);
  const int x = out.input_at, one = out.ones_at[0];
  out.parameter_count = 3;
  using Parameter = CellLayout::Parameter;
  out.parameters[0] = {"nu_log", d, 0, Parameter::bias, {Start::ring_magnitude, 1}, {{0, 0, d, 1, d, one}}, 1};
  out.parameters[1] = {"B", d, n, Parameter::input, {Start::normal, n}, {{0, 0, d, n, 0, x}}, 1};
  out.parameters[2] = {"b", d, 0, Parameter::bias, {Start::zero, 1}, {{0, 0, d, 1, 0, one}}, 1};
}

constexpr Option options[] = {option_activation, option_r_min, option_r_max};

}  // namespace

namespace CHRONOGRAD_ISA {
extern const CellRecord cell_lru_real;
const CellRecord cell_lru_real = {
    .entry = {.name = "lru_real",
              .title = "linear recurrent unit with real lambda: a leaky integrator whose rate is learnt",
              .formulae = "s_t = lambda * s_{t-1} + gamma * (B x_t + b),  h_t = f(s_t)\n"
                          "lambda = exp(-exp(nu_log)),  gamma = sqrt(1 - lambda^2)",
              .symbols = "s: the unit's state\n"
                         "B, b: input weights and biases\n"
                         "nu_log: how fast a unit decays",
              .text = "Parameters nu_log (d), B (d,n), b (d). No unit reads another one: rtrl costs O(p), and in one "
                      "layer rflo, eprop and snap are the same, exact. State (h, s): h0 and s0 in data.",
              .cite = "orvieto2023resurrecting,zucchet2023online",
              .options = options},
    .states = 2,
    .gates = 2,
    .tape = 5,
    .layout = layout,
    .kernels_float = lru_real_kernels<float>(),
    .kernels_double = lru_real_kernels<double>(),
    .h_carries = false,
    .further = {"s0"},
    .variant = activation_variant,
};
}  // namespace CHRONOGRAD_ISA
}  // namespace chronograd
