// SPDX-License-Identifier: Apache-2.0
// The recurrent trace unit: the complex state of a linear recurrent unit as two real numbers, both of which are shown.
//   s = lambda s_prev + gamma (W_1 x, W_2 x),   lambda = exp(-exp(w_r) + i exp(w_th)),   h = (f(s_1), f(s_2))
// or, with the activation inside of the recursion, s = f(lambda s_prev + gamma (W_1 x, W_2 x)) and h = s. State (h_1,
// h_2, s_1, s_2). No unit reads another one: the trace of A alone is exact RTRL.
#include "cells/activate.hpp"
#include "cells/element_wise.hpp"
#include "cells/lru_decay.hpp"
#include "cells/options.hpp"

namespace chronograd {
namespace {

struct Rtu {
  static constexpr int heads = 2, states = 4, gates = 4, tape_size = 11, constants = 0;

  // Pre-activations: W_1 x, W_2 x, w_r, w_th.
  template <class T>
  CHRONOGRAD_INLINE static void step(const T* /*c*/, const T* u, const T* s, T* next, T* tape) {
    const auto turn = LruTurn<T>::of(u);
    const T turned[2] = {turn.real(s[2], s[3]), turn.imaginary(s[2], s[3])};
    each<2>([&](auto v) {  // before f
      next[v] = next[2 + v] = turned[v];
      tape[v] = T(1);      // of s by what is inside of f
      tape[2 + v] = T(1);  // of h by s
    });
    turn.keep(tape + 4);
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* /*c*/, T /*self*/, const T* s, const T* tape, T* local, T* gain) {
    const auto turn = LruTurn<T>::kept(tape + 4);
    const T by_s[2][2] = {{turn.re, -turn.im}, {turn.im, turn.re}};
    T by_u[2][4];
    turn.slopes(s[2], s[3], by_u);
    each<2>([&](auto v) {
      const T of_s = tape[v], of_h = tape[v] * tape[2 + v];
      each<2>([&](auto k) {
        local[v * 4 + k] = local[(2 + v) * 4 + k] = T(0);
        local[v * 4 + 2 + k] = of_h * by_s[v][k];
        local[(2 + v) * 4 + 2 + k] = of_s * by_s[v][k];
      });
      each<4>([&](auto g) {
        gain[v * 4 + g] = of_h * by_u[v][g];
        gain[(2 + v) * 4 + g] = of_s * by_u[v][g];
      });
    });
  }
};

constexpr int inside_variant = 16;  ///< beside the activation

int rtu_variant(const Options& model) {
  return activation_variant(model) + (model.word("activation_at") == "state" ? inside_variant : 0);
}

template <class T>
void rtu_step(const CellArgs<T>& args) {
  const auto f = static_cast<Activation>(args.variant % inside_variant);
  const bool inside = args.variant >= inside_variant;
  step_then_activate<Rtu>(args, f, inside ? 0 : 2);
  const int n = Rtu::heads * args.units;
  for (int b = 0; inside && b < args.streams; ++b)
    __builtin_memcpy(args.hidden_after + b * n, args.h + b * args.h_ld, sizeof(T) * static_cast<std::size_t>(n));
}

void layout(const CellRecord&, int d, int n, CellLayout& out) {
  constexpr int heads = 2;
  element_wise_layout(d, n, 2, out, heads, false);
  const int x = out.input_at, one = out.ones_at[0];
  out.parameter_count = 4;
  using Parameter = CellLayout::Parameter;
  out.parameters[0] = {"W_1", d, n, Parameter::input, {Start::normal, 2 * n}, {{0, 0, d, n, 0, x}}, 1};
  out.parameters[1] = {"W_2", d, n, Parameter::input, {Start::normal, 2 * n}, {{0, 0, d, n, d, x}}, 1};
  out.parameters[2] = {"w_r", d, 0, Parameter::bias, {Start::ring_magnitude, 1}, {{0, 0, d, 1, 2 * d, one}}, 1};
  out.parameters[3] = {"w_th", d, 0, Parameter::bias, {Start::ring_phase, 1}, {{0, 0, d, 1, 3 * d, one}}, 1};
}

template <class T>
constexpr CellKernels<T> rtu_kernels() {
  CellKernels<T> kernels = unit_kernels<Rtu, T>();
  kernels.step = rtu_step<T>;
  return kernels;
}

constexpr Option options[] = {
    option_activation,
    {.key = "activation_at",
     .type = OptionType::word,
     .fallback = "\"output\"",
     .help = "output: the recursion is linear and h = f(s); state: f is inside of the recursion and h = s",
     .choices = "output|state"},
    option_r_min,
    option_r_max,
    option_max_phase,
};

}  // namespace

namespace CHRONOGRAD_ISA {
extern const CellRecord cell_rtu;
const CellRecord cell_rtu = {
    .entry = {.name = "rtu",
              .title = "recurrent trace unit: two real numbers a unit that turn and decay, both shown",
              .formulae = "s_t = lambda * s_{t-1} + gamma * (W_1 x_t + i W_2 x_t),  h_t = (f(Re s_t), f(Im s_t))\n"
                          "lambda = exp(-exp(w_r) + i exp(w_th)),  gamma = sqrt(1 - |lambda|^2)",
              .symbols = "s: the unit's state, complex: two real numbers\n"
                         "W_1, W_2: input weights\n"
                         "i: the imaginary unit\n"
                         "w_r, w_th: how fast a unit decays and turns",
              .text =
                  "With activation_at = \"state\" f is inside of the recursion, on both numbers, and h is the state. "
                  "Parameters W_1 W_2 (d,n), w_r w_th (d); W_out is (m,2d), and h and what a layer above reads "
                  "are 2 d numbers, all of the first before all of the second. No unit reads another one: rtrl "
                  "costs O(p), and in one layer rflo, eprop and snap are the same, exact. State (h, s), two "
                  "numbers each: h0, h0_2, s0 and s0_2 in data.",
              .cite = "elelimy2024real",
              .options = options},
    .states = 4,
    .gates = 4,
    .tape = 11,
    .layout = layout,
    .kernels_float = rtu_kernels<float>(),
    .kernels_double = rtu_kernels<double>(),
    .h_carries = false,
    .further = {"h0_2", "s0", "s0_2"},
    .heads = 2,
    .variant = rtu_variant,
};
}  // namespace CHRONOGRAD_ISA
}  // namespace chronograd
