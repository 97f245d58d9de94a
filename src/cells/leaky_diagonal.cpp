// SPDX-License-Identifier: Apache-2.0
// The leaky rate unit that hears no other unit but itself:
//   u = w h_prev + W_in x + b_h,  h = (1 - alpha) h_prev + alpha f(u)
// w, one number a unit, is a second pre-activation whose only regressor is the constant 1: its gain is alpha f' h_prev,
// and what it carries of h_prev is part of A. So J is diagonal, and the trace of A alone is exact RTRL in O(p).
#include "cells/activate.hpp"
#include "cells/element_wise.hpp"
#include "cells/options.hpp"
#include "cells/trained_rate.hpp"

namespace chronograd {
namespace {

template <Activation f>
struct LeakyDiagonal {
  static constexpr int states = 1, gates = 2, tape_size = 2, constants = 1;

  template <class T>
  CHRONOGRAD_INLINE static void step(const T* c, const T* u, const T* s, T* next, T* tape) {
    T y, slope;
    const T alpha = c[0];
    activate<f>(u[0] + u[1] * s[0], y, slope);
    next[0] = (T(1) - alpha) * s[0] + alpha * y;
    tape[0] = slope;
    tape[1] = u[1];
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* c, T /*self*/, const T* s, const T* tape, T* local, T* gain) {
    const T alpha = c[0], slope = alpha * tape[0], w = tape[1];
    local[0] = (T(1) - alpha) + slope * w;
    gain[0] = slope;
    gain[1] = slope * s[0];
  }
};

/// The same with a trained alpha = 1/(1 + exp(-a)): a is a pre-activation whose only regressor is the constant 1.
template <Activation f>
struct TrainedLeakyDiagonal {
  static constexpr int states = 1, gates = 3, tape_size = 4, constants = 0;

  template <class T>
  CHRONOGRAD_INLINE static void step(const T* /*c*/, const T* u, const T* s, T* next, T* tape) {
    T y, slope;
    const T alpha = sigmoid_of(u[2]);
    activate<f>(u[0] + u[1] * s[0], y, slope);
    next[0] = (T(1) - alpha) * s[0] + alpha * y;
    tape[0] = slope;
    tape[1] = u[1];
    tape[2] = alpha;
    tape[3] = y;
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* /*c*/, T /*self*/, const T* s, const T* tape, T* local, T* gain) {
    const T alpha = tape[2], slope = alpha * tape[0], w = tape[1];
    local[0] = (T(1) - alpha) + slope * w;
    gain[0] = slope;
    gain[1] = slope * s[0];
    gain[2] = (tape[3] - s[0]) * alpha * (T(1) - alpha);
  }
};

void layout(const CellRecord&, int d, int n, CellLayout& out) {
  element_wise_layout(d, n, 1, out);
  const int x = out.input_at, one = out.ones_at[0];
  out.parameter_count = 3;
  // Uniform on +-1: every unit starts with a stable rate of its own (li2018independently).
  out.parameters[0] = {"W_rec", d, 0, CellLayout::Parameter::recurrent, {Start::uniform, 1}, {{0, 0, d, 1, d, one}}, 1};
  out.parameters[1] = {"W_in", d, n, CellLayout::Parameter::input, {Start::normal, n}, {{0, 0, d, n, 0, x}}, 1};
  out.parameters[2] = {"b_h", d, 0, CellLayout::Parameter::bias, {Start::zero, 1}, {{0, 0, d, 1, 0, one}}, 1};
}

constexpr Option options[] = {option_alpha, option_dt,    option_tau,        option_activation,
                              option_gain,  option_noise, option_noise_where};

constexpr CellRecord plain = {
    .entry = {.name = "leaky_diagonal",
              .title = "leaky rate network, each unit recurrent with itself alone; IndRNN with alpha = 1",
              .formulae = "u_t = W_rec * h_{t-1} + W_in x_t + b_h\n"
                          "h_t = (1 - alpha) h_{t-1} + alpha f(u_t)",
              .text =
                  "Parameters W_rec (d), W_in (d,n), b_h (d). The Jacobian 1 - alpha + alpha f'(u) W_rec is diagonal: "
                  "rtrl "
                  "costs p numbers and p operations a step, and in one layer rflo, eprop and snap are the same, exact.",
              .cite = "li2018independently",
              .options = options},
    .states = 1,
    .gates = 2,
    .tape = 2,
    .layout = layout,
    .kernels_float = activated_kernels<LeakyDiagonal, float>(),
    .kernels_double = activated_kernels<LeakyDiagonal, double>(),
    .constants = {"alpha"},
    .fill = update_rates,
    .variant = activation_variant,
};

constexpr CellRecord trained = trained_record<TrainedLeakyDiagonal, layout>(plain);

}  // namespace

namespace CHRONOGRAD_ISA {
extern const CellRecord cell_leaky_diagonal;
const CellRecord cell_leaky_diagonal = with_trained(plain, trained);
}  // namespace CHRONOGRAD_ISA
}  // namespace chronograd
