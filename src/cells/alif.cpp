// SPDX-License-Identifier: Apache-2.0
// The adaptive leaky integrate-and-fire unit (LIF where beta = 0), h being its spike:
//   v = alpha v_prev + zeta (W_rec h_prev + W_in x) - v_th h_prev,   h = 1 where v > v_th + beta a_prev, else 0,
//   a = rho a_prev + h.
// `a` has the spike of its own step, so nothing but the reset reads h_prev beside the weights. A reset within the step
// of its spike takes from what v leaves behind: v = alpha (v_prev - v_th h_prev) + ..., or alpha (1 - h_prev) v_prev +
// ..., and the state keeps the v that was held against the threshold. State (h, v, a), and a counter of the steps in
// which the unit cannot fire, which takes no credit. The slope of a spike is a surrogate psi, zero while the unit
// cannot fire.
#include <type_traits>

#include "cells/options.hpp"
#include "cells/spiking.hpp"
#include "cells/surrogate.hpp"
#include "chronograd/unit_loops.hpp"

namespace chronograd {
namespace {

template <Surrogate shape, Reset reset>
struct Alif {
  static constexpr int states = 3, gates = 1, tape_size = 1, constants = 8, carried = 1;
  enum { by_v, by_a, beta, v_th, zeta, height, per_width, silent };  // of c: alpha, rho, ..., 1/width, n_ref

  /// What a spike before takes of v.
  template <class T>
  CHRONOGRAD_INLINE static T taken(const T* c, const T* s) {
    if constexpr (reset == Reset::next)
      return c[v_th];
    else if constexpr (reset == Reset::step)
      return c[by_v] * c[v_th];
    else
      return c[by_v] * s[1];
  }
  template <class T>
  CHRONOGRAD_INLINE static void step(const T* c, const T* u, const T* s, T* next, T* tape) {
    const T v = c[by_v] * s[1] + c[zeta] * u[0] - taken(c, s) * s[0];
    const T above = v - c[v_th] - c[beta] * s[2];
    const T left = s[3] > T(1) ? s[3] - T(1) : T(0);
    const T free = left > T(0) ? T(0) : T(1);
    const T spike = above > T(0) ? free : T(0);
    next[0] = above == above ? spike : above;  // NaN stays NaN
    next[1] = v;
    next[2] = c[by_a] * s[2] + next[0];
    next[3] = spike > T(0) ? c[silent] : left;
    tape[0] = free * c[height] * slope_of_spike<shape>(above * c[per_width]);
  }
  template <class T>
  CHRONOGRAD_INLINE static void linearise(const T* c, T self, const T* s, const T* tape, T* local, T* gain) {
    const T psi = tape[0], by_spike = -self * taken(c, s),
            kept = reset == Reset::zero ? c[by_v] * (T(1) - s[0]) : c[by_v];
    local[0] = local[6] = psi * by_spike;
    local[1] = local[7] = psi * kept;
    local[2] = -psi * c[beta];
    local[3] = by_spike;
    local[4] = kept;
    local[5] = T(0);
    local[8] = c[by_a] - psi * c[beta];
    gain[0] = gain[2] = psi * c[zeta];
    gain[1] = c[zeta];
  }
};

/// All but `step` is the same for each surrogate.
template <Reset reset>
using AnyAlif = Alif<Surrogate::triangular, reset>;

template <Reset reset, class T>
void step_in_form(const CellArgs<T>& args) {
  switch (static_cast<Surrogate>(args.variant % reset_form)) {
    case Surrogate::exponential:
      return step_loop<Alif<Surrogate::exponential, reset>>(args);
    case Surrogate::fast_sigmoid:
      return step_loop<Alif<Surrogate::fast_sigmoid, reset>>(args);
    case Surrogate::arctan:
      return step_loop<Alif<Surrogate::arctan, reset>>(args);
    case Surrogate::multi_gaussian:
      return step_loop<Alif<Surrogate::multi_gaussian, reset>>(args);
    default:
      return step_loop<AnyAlif<reset>>(args);
  }
}

/// Calls f with the reset that the form names, as a constant.
template <class F>
void with_reset(int variant, const F& f) {
  switch (static_cast<Reset>(variant % reset_stopped / reset_form)) {
    case Reset::step:
      return f(std::integral_constant<Reset, Reset::step>());
    case Reset::zero:
      return f(std::integral_constant<Reset, Reset::zero>());
    default:
      return f(std::integral_constant<Reset, Reset::next>());
  }
}

/// With the reset left out of A where no rule is to see it.
template <class T>
CellArgs<T> without_stopped(CellArgs<T> args) {
  if (args.variant >= reset_stopped) args.self = 0;
  return args;
}
template <class T>
void alif_step(const CellArgs<T>& args) {
  with_reset(args.variant, [&](auto reset) { step_in_form<reset.value>(args); });
}
template <class T>
void alif_linearise(const CellArgs<T>& args, T* local, T* gain) {
  with_reset(args.variant,
             [&](auto reset) { linearise_loop<AnyAlif<reset.value>>(without_stopped(args), local, gain); });
}
template <class T>
void alif_pull(const CellArgs<T>& args, T* lambda, const T* q, T* du, T* q_prev) {
  with_reset(args.variant,
             [&](auto reset) { pull_loop<AnyAlif<reset.value>>(without_stopped(args), lambda, q, du, q_prev); });
}

template <class T>
constexpr CellKernels<T> alif_kernels() {
  CellKernels<T> kernels = unit_kernels<AnyAlif<Reset::next>, T>();
  kernels.step = alif_step<T>;
  kernels.linearise = alif_linearise<T>;
  kernels.pull = alif_pull<T>;
  return kernels;
}

void layout(const CellRecord&, int d, int n, CellLayout& out) {
  out = CellLayout{};
  out.input_at = d;
  out.columns = d + n;
  out.block_count = 1;
  out.blocks[0] = {0, d, 0, d + n, 0};
  out.parameter_count = 2;
  out.parameters[0] = {"W_rec", d, d, CellLayout::Parameter::recurrent, {Start::normal, d}, {{0, 0, d, d, 0, 0}}, 1};
  out.parameters[1] = {"W_in", d, n, CellLayout::Parameter::input, {Start::normal, n}, {{0, 0, d, n, 0, d}}, 1};
}

constexpr Option options[] = {
    option_dt,
    {.key = "tau_m",
     .type = OptionType::numbers,
     .fallback = "20.0",
     .low = 0,
     .unit = "ms",
     .help = "time constant of v, alpha = exp(-dt/tau_m); one number or one for each unit",
     .low_is_excluded = true},
    {.key = "tau_a",
     .type = OptionType::numbers,
     .fallback = "200.0",
     .low = 0,
     .unit = "ms",
     .help = "time constant of the adaptation a, rho = exp(-dt/tau_a); one number or one for each unit",
     .low_is_excluded = true},
    {.key = "v_th",
     .type = OptionType::numbers,
     .fallback = "0.6",
     .low = 0,
     .help = "threshold of a unit that has not fired, and what a spike takes from v; one number or one for each unit",
     .low_is_excluded = true},
    {.key = "beta",
     .type = OptionType::numbers,
     .fallback = "0.0",
     .low = 0,
     .help = "how much a spike raises the threshold, 0: it does not (LIF); one number or one for each unit"},
    {.key = "zeta",
     .type = OptionType::number_or_word,
     .fallback = "1.0",
     .low = 0,
     .help = "factor of what arrives at v; \"leak\": 1 - alpha",
     .choices = "leak",
     .low_is_excluded = true},
    {.key = "n_ref",
     .type = OptionType::numbers,
     .fallback = "0.0",
     .low = 0,
     .high = 1e6,
     .unit = "steps",
     .help = "a unit that fires at step t can do so again from step t + n_ref on (0 and 1: from the next); one whole "
             "number or one for each unit"},
    {.key = "surrogate",
     .type = OptionType::word,
     .fallback = "\"triangular\"",
     .help = "shape of psi, the slope of a spike that credit sees",
     .choices = surrogate_words},
    {.key = "gamma",
     .type = OptionType::number,
     .fallback = "0.3",
     .low = 0,
     .help = "the height of psi is gamma/v_th where no height is given"},
    {.key = "height",
     .type = OptionType::numbers,
     .low = 0,
     .help = "height of psi, in place of gamma/v_th; one number or one for each unit"},
    {.key = "width",
     .type = OptionType::numbers,
     .low = 0,
     .help = "width of psi; v_th where it is not given; one number or one for each unit",
     .low_is_excluded = true},
    {.key = "reset",
     .type = OptionType::word,
     .fallback = "\"subtract\"",
     .help =
         "what a spike takes of v: subtract: v_th; zero: all of it, with reset_at = \"step\"; threshold: the raised "
         "threshold, which is refused",
     .choices = "subtract|threshold|zero"},
    {.key = "reset_at",
     .type = OptionType::word,
     .fallback = "\"next\"",
     .help = "next: the reset is part of the next step, beside its input; step: of the spike's own step, so that v_th "
             "decays with v",
     .choices = "next|step"},
    {.key = "reset_gradient",
     .type = OptionType::word,
     .fallback = "\"full\"",
     .help = "full: credit passes through the reset where the rule follows recurrence; stop: no rule sees the reset",
     .choices = "full|stop"},
    option_density,
    option_gain,
    option_dale,
};

}  // namespace

namespace CHRONOGRAD_ISA {
extern const CellRecord cell_alif;
const CellRecord cell_alif = {
    .entry =
        {.name = "alif",
         .title = "adaptive leaky integrate-and-fire unit; LIF with beta = 0",
         .formulae = "v_t = alpha v_{t-1} + zeta (W_rec h_{t-1} + W_in x_t) - v_th h_{t-1}\n"
                     "reset_at = step: v_t = alpha (v_{t-1} - v_th h_{t-1}) + zeta (W_rec h_{t-1} + W_in x_t)\n"
                     "reset = zero: v_t = alpha (1 - h_{t-1}) v_{t-1} + zeta (W_rec h_{t-1} + W_in x_t)\n"
                     "v_t > v_th + beta a_{t-1}: h_t = 1\n"
                     "a_t = rho a_{t-1} + h_t\n"
                     "alpha = exp(-dt/tau_m),  rho = exp(-dt/tau_a)\n"
                     "psi = height max(0, 1 - |v - v_th - beta a_{t-1}| / width)",
         .symbols = "v: the membrane's voltage\n"
                    "a: how much the threshold has risen\n"
                    "psi: what stands for the slope of h by v (here with the triangular surrogate)\n"
                    "v_th, beta, zeta, height, width: settings",
         .text =
             "h is the spike, else 0. After a spike a unit does not fire for n_ref - 1 steps, in which psi is 0 and v "
             "goes on. v is the voltage that was held against the threshold, whenever the reset takes place. "
             "Parameters W_rec (d,d), W_in (d,n), no biases; no unit reads itself (the diagonal of W_rec is "
             "absent). The reset counts as recurrence, like a weight of a unit on itself: eprop and rflo leave it out, "
             "snap(n=1) and the exact rules follow it. Surrogates of the distance x from the threshold in widths, "
             "times the height: triangular max(0, 1 - |x|), exponential exp(-|x|), fast_sigmoid (1 + |x|)^-2, arctan "
             "1/(1 + "
             "x^2), multi_gaussian 1.15 N(x; 0, 1/2) - 0.15 (N(x; 1/2, 3) + N(x; -1/2, 3)). State (h, v, a): h0, v0 "
             "and a0 in data; a row begins with units that can fire.",
         .cite = "bellec2020solution",
         .options = options},
    .states = 3,
    .gates = 1,
    .tape = 1,
    .layout = layout,
    .kernels_float = alif_kernels<float>(),
    .kernels_double = alif_kernels<double>(),
    .h_carries = false,
    .further = {"v0", "a0"},
    .carried = 1,
    .self = true,
    .autapses = false,
    .constants = {"decay_v", "decay_a", "beta", "v_th", "zeta", "height", "per_width", "n_ref"},
    .fill = spiking_constants,
    .variant = spiking_variant,
};
}  // namespace CHRONOGRAD_ISA
}  // namespace chronograd
