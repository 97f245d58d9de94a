// SPDX-License-Identifier: Apache-2.0
// The leaky rate unit:  u = W_rec h_prev + W_in x + b_h,  h = (1 - alpha) h_prev + alpha f(u).
// alpha = dt/tau; alpha = 1 is the Elman network.
#include "cells/activate.hpp"
#include "cells/options.hpp"
#include "cells/trained_rate.hpp"

namespace chronograd {
namespace {

template <Activation f>
struct Leaky {
  static constexpr int states = 1, gates = 1, tape_size = 1, constants = 1;

  template <class T>
  CHRONOGRAD_INLINE static void step(const T* c, const T* u, const T* s, T* next, T* tape) {
    T y, slope;
    const T alpha = c[0];
    activate<f>(u[0], y, slope);
    next[0] = (T(1) - alpha) * s[0] + alpha * y;
    tape[0] = slope;
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* c, T /*self*/, const T* /*s*/, const T* tape, T* local, T* gain) {
    const T alpha = c[0];
    local[0] = T(1) - alpha;
    gain[0] = alpha * tape[0];
  }
};

/// The same with a trained alpha = 1/(1 + exp(-a)): a is a pre-activation whose only regressor is the constant 1.
template <Activation f>
struct TrainedLeaky {
  static constexpr int states = 1, gates = 2, tape_size = 3, constants = 0;

  template <class T>
  CHRONOGRAD_INLINE static void step(const T* /*c*/, const T* u, const T* s, T* next, T* tape) {
    T y, slope;
    const T alpha = sigmoid_of(u[1]);
    activate<f>(u[0], y, slope);
    next[0] = (T(1) - alpha) * s[0] + alpha * y;
    tape[0] = slope;
    tape[1] = alpha;
    tape[2] = y;
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* /*c*/, T /*self*/, const T* s, const T* tape, T* local, T* gain) {
    const T alpha = tape[1];
    local[0] = T(1) - alpha;
    gain[0] = alpha * tape[0];
    gain[1] = (tape[2] - s[0]) * alpha * (T(1) - alpha);
  }
};

void layout(const CellRecord&, int d, int n, CellLayout& out) {
  out = CellLayout{};
  out.input_at = d;
  out.ones = 1;
  out.ones_at[0] = d + n;
  out.columns = d + n + 1;
  out.block_count = 1;
  out.blocks[0] = {0, d, 0, d + n + 1, 0};
  out.parameter_count = 3;
  out.parameters[0] = {"W_rec", d, d, CellLayout::Parameter::recurrent, {Start::by_init, d}, {{0, 0, d, d, 0, 0}}, 1};
  out.parameters[1] = {"W_in", d, n, CellLayout::Parameter::input, {Start::normal, n}, {{0, 0, d, n, 0, d}}, 1};
  out.parameters[2] = {"b_h", d, 0, CellLayout::Parameter::bias, {Start::zero, 1}, {{0, 0, d, 1, 0, d + n}}, 1};
}

constexpr Option options[] = {
    option_alpha,
    option_dt,
    option_tau,
    option_activation,
    option_density,
    {.key = "init",
     .type = OptionType::word,
     .fallback = "\"orthogonal\"",
     .help = "W_rec where no parameters are given: orthogonal, normal with variance 1/d, or the identity, from which a "
             "state is kept as it is (Le et al. 2015)",
     .choices = "orthogonal|normal|identity"},
    option_gain,
    option_noise,
    option_noise_where,
    option_dale,
};

constexpr CellRecord plain = {
    .entry = {.name = "leaky",
              .title = "leaky rate network; Elman's network with alpha = 1",
              .formulae = "u_t = W_rec h_{t-1} + W_in x_t + b_h\n"
                          "h_t = (1 - alpha) h_{t-1} + alpha f(u_t)",
              .text = "Parameters W_rec (d,d), W_in (d,n), b_h (d). Jacobian (1 - alpha) I + diag(alpha f'(u)) W_rec.",
              .cite = "elman1990finding",
              .options = options},
    .states = 1,
    .gates = 1,
    .tape = 1,
    .layout = layout,
    .kernels_float = activated_kernels<Leaky, float>(),
    .kernels_double = activated_kernels<Leaky, double>(),
    .constants = {"alpha"},
    .fill = update_rates,
    .variant = activation_variant,
};

constexpr CellRecord trained = trained_record<TrainedLeaky, layout>(plain);

}  // namespace

namespace CHRONOGRAD_ISA {
extern const CellRecord cell_leaky;
const CellRecord cell_leaky = with_trained(plain, trained);
}  // namespace CHRONOGRAD_ISA
}  // namespace chronograd
