// SPDX-License-Identifier: Apache-2.0
// The leaky rate unit:  u = W_rec h_prev + W_in x + b_h,  h = (1 - alpha) h_prev + alpha f(u).
// alpha = dt/tau; alpha = 1 is the Elman network.
#include "cells/unit_loops.hpp"
#include "chronograd/loss.hpp"
#include "math/functions.hpp"

namespace chronograd {
namespace {

/// f(u) and f'(u).
template <Activation f, class T>
CHRONOGRAD_INLINE void activate(T u, T& y, T& slope) {
  if constexpr (f == Activation::identity) {
    y = u;
    slope = T(1);
  } else if constexpr (f == Activation::tanh) {
    y = tanh_of(u);
    slope = T(1) - y * y;
  } else if constexpr (f == Activation::sigmoid) {
    y = sigmoid_of(u);
    slope = y * (T(1) - y);
  } else if constexpr (f == Activation::relu) {
    y = u > T(0) ? u : (u <= T(0) ? T(0) : u);  // NaN stays NaN
    slope = u > T(0) ? T(1) : T(0);
  } else {
    y = softplus_of(u);
    slope = sigmoid_of(u);
  }
}

template <Activation f>
struct Leaky {
  static constexpr int states = 1, gates = 1, tape_size = 1;
  static constexpr bool uses_alpha = true;

  template <class T>
  CHRONOGRAD_INLINE static void step(T alpha, const T* u, const T* s, T* next, T* tape) {
    T y, slope;
    activate<f>(u[0], y, slope);
    next[0] = (T(1) - alpha) * s[0] + alpha * y;
    tape[0] = slope;
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(T alpha, const T* /*s*/, const T* tape, T* local, T* gain) {
    local[0] = T(1) - alpha;
    gain[0] = alpha * tape[0];
  }
};

template <class T>
void step(const CellArgs<T>& args) {
  switch (static_cast<Activation>(args.constants.activation)) {
    case Activation::identity:
      return step_loop<Leaky<Activation::identity>>(args);
    case Activation::sigmoid:
      return step_loop<Leaky<Activation::sigmoid>>(args);
    case Activation::relu:
      return step_loop<Leaky<Activation::relu>>(args);
    case Activation::softplus:
      return step_loop<Leaky<Activation::softplus>>(args);
    default:
      return step_loop<Leaky<Activation::tanh>>(args);
  }
}

void layout(int d, int n, CellLayout& out) {
  out = CellLayout{};
  out.input_at = d;
  out.ones = 1;
  out.ones_at[0] = d + n;
  out.columns = d + n + 1;
  out.block_count = 1;
  out.blocks[0] = {0, d, 0, d + n + 1, 0};
  out.parameter_count = 3;
  out.parameters[0] = {"W_rec", d, d, CellLayout::Parameter::recurrent, {{0, 0, d, d, 0, 0}}, 1};
  out.parameters[1] = {"W_in", d, n, CellLayout::Parameter::input, {{0, 0, d, n, 0, d}}, 1};
  out.parameters[2] = {"b_h", d, 0, CellLayout::Parameter::bias, {{0, 0, d, 1, 0, d + n}}, 1};
}

constexpr Option options[] = {
    {"alpha", OptionType::numbers, "", 0, 1, "",
     "update rate dt/tau, one number or one for each unit; 1 if neither it nor tau is given", "", true},
    {"dt", OptionType::number, "1.0", 0, unbounded, "ms", "time step, used with tau", "", true},
    {"tau", OptionType::numbers, "", 0, unbounded, "ms",
     "time constant, instead of alpha: alpha = dt/tau; one number or one for each unit", "", true},
    {"activation", OptionType::word, "\"tanh\"", -unbounded, unbounded, "", "f", "identity|tanh|sigmoid|relu|softplus"},
};

}  // namespace

namespace CHRONOGRAD_ISA {
extern const CellRecord cell_leaky;
const CellRecord cell_leaky = {
    {"leaky", "leaky rate network; Elman's network with alpha = 1",
     "u_t = W_rec h_{t-1} + W_in x_t + b_h\n"
     "h_t = (1 - alpha) h_{t-1} + alpha f(u_t)\n"
     "Parameters W_rec (d,d), W_in (d,n), b_h (d). Jacobian (1 - alpha) I + diag(alpha f'(u)) W_rec.",
     "elman1990finding", options},
    1,
    1,
    1,
    true,
    layout,
    unit_kernels<Leaky<Activation::tanh>, float>(step<float>),
    unit_kernels<Leaky<Activation::tanh>, double>(step<double>)};
}  // namespace CHRONOGRAD_ISA
}  // namespace chronograd
