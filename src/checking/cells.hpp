// SPDX-License-Identifier: Apache-2.0
// One step of each cell, unit by unit as textbooks write it, over any scalar. `seen` is the h that the weights read and
// `state` what a unit keeps of itself; in use both are the same, but taken apart they tell the recurrent part of the
// Jacobian from its direct part.
#pragma once

#include <cmath>
#include <vector>

#include "checking/functions.hpp"
#include "checking/layout.hpp"

namespace chronograd::checking {

/// Row `row` of W v + b.
template <class S>
S affine(const S* W, const S* b, int row, int cols, const S* v) {
  S sum = b[row];
  for (int j = 0; j < cols; ++j) sum = sum + W[row * cols + j] * v[j];
  return sum;
}

/// Row `row` of W v.
template <class S>
S dot(const S* W, int row, int cols, const S* v) {
  S sum = 0.0;
  for (int j = 0; j < cols; ++j) sum = sum + W[row * cols + j] * v[j];
  return sum;
}

/// The state (S d) of layer l after a step. theta: all parameters; x: what the layer reads; seen [H d], state [S d];
/// (b, t) say which noise. `drive` [2 d], where it is not null, is added to W_1 x and W_2 x of an rtu, or to u of an
/// alif (the first d), which have no biases.
template <class S>
std::vector<S> layer_step(const OracleProblem& problem, const Layout& layout, int l, const S* theta, const S* x,
                          const S* seen, const S* state, int b, int t, const S* drive = nullptr) {
  const int d = layout.d, n = layout.inputs(l);
  const Layout::Places& place = layout.places[l];
  const S *W_rec = theta + place.W_rec, *W_in = theta + place.W_in, *b_in = theta + place.b_in,
          *b_rec = theta + place.b_rec;
  std::vector<S> after(layout.states * d);
  const auto gate = [&](int g, int i) -> S {
    return affine(W_in, b_in, g * d + i, n, x) + affine(W_rec, b_rec, g * d + i, d, seen);
  };
  for (int i = 0; i < d; ++i) {
    switch (layout.cell) {
      case CellKind::leaky:
      case CellKind::leaky_diagonal: {
        const S alpha = problem.trained ? sigmoid(theta[place.alpha_logit + i]) : S(problem.alpha[i]);
        const double rate = problem.trained ? 1 : problem.alpha[i];
        const int draw = ((b * problem.T + t) * layout.layers + l) * d + i;
        const double noise = problem.xi.empty() ? 0.0 : problem.sigma * problem.xi[draw];
        S u = affine(W_in, b_in, i, n, x);
        u = u + (layout.recurs ? dot(W_rec, i, d, seen) : W_rec[i] * state[i]);
        if (problem.noise_on_input) u = u + std::sqrt(2 / rate) * noise;
        after[i] = (1.0 - alpha) * state[i] + alpha * apply(layout.activation, u);
        if (!problem.noise_on_input) after[i] = after[i] + std::sqrt(2 * rate) * noise;
        break;
      }
      case CellKind::gru: {
        const S r = sigmoid(gate(0, i)), z = sigmoid(gate(1, i));
        const S candidate = tanh(affine(W_in, b_in, 2 * d + i, n, x) + r * affine(W_rec, b_rec, 2 * d + i, d, seen));
        after[i] = (1.0 - z) * candidate + z * state[i];
        break;
      }
      case CellKind::lstm: {
        const S in = sigmoid(gate(0, i)), forget = sigmoid(gate(1, i)), g = tanh(gate(2, i)), o = sigmoid(gate(3, i));
        const S c = forget * state[d + i] + in * g;
        after[i] = o * tanh(c);
        after[d + i] = c;
        break;
      }
      case CellKind::lru: {  // b_in is the place of nu_log, W_in of B_re; theta_log, B_im and the biases follow
        const S *nu_log = b_in, *theta_log = nu_log + d, *B_re = W_in, *B_im = B_re + d * n, *b_re = B_im + d * n;
        const S size = exp(-exp(nu_log[i])), phase = exp(theta_log[i]);
        const S gamma = sqrt(1.0 - size * size), re = size * cos(phase), im = size * sin(phase);
        const S s_re = state[d + i], s_im = state[2 * d + i];
        after[d + i] = re * s_re - im * s_im + gamma * affine(B_re, b_re, i, n, x);
        after[2 * d + i] = re * s_im + im * s_re + gamma * affine(B_im, b_rec, i, n, x);
        after[i] = apply(layout.activation, after[d + i]);
        break;
      }
      case CellKind::lru_real: {  // b_in is the place of nu_log, b_rec that of b
        const S lambda = exp(-exp(b_in[i]));
        after[d + i] = lambda * state[d + i] + sqrt(1.0 - lambda * lambda) * affine(W_in, b_rec, i, n, x);
        after[i] = apply(layout.activation, after[d + i]);
        break;
      }
      case CellKind::rtu: {  // W_in is the place of W_1, b_in that of w_r; W_2 and w_th follow. States h1, h2, s1, s2
        const S *W_2 = W_in + d * n, *w_th = b_in + d;
        const S size = exp(-exp(b_in[i])), phase = exp(w_th[i]), gamma = sqrt(1.0 - size * size);
        const S re = size * cos(phase), im = size * sin(phase), s1 = state[2 * d + i], s2 = state[3 * d + i];
        S u1 = dot(W_in, i, n, x), u2 = dot(W_2, i, n, x);
        if (drive != nullptr) u1 = u1 + drive[i], u2 = u2 + drive[d + i];
        const S turned_1 = re * s1 - im * s2 + gamma * u1, turned_2 = re * s2 + im * s1 + gamma * u2;
        after[i] = apply(layout.activation, turned_1);
        after[d + i] = apply(layout.activation, turned_2);
        after[2 * d + i] = problem.inside ? after[i] : turned_1;
        after[3 * d + i] = problem.inside ? after[d + i] : turned_2;
        break;
      }
      case CellKind::elstm: {  // W_in is the place of W_z, W_rec of w_z, b_in of b_z; those of f and o follow each
        const S *w = W_rec, *bias = b_in;
        const auto driven = [&](int g) { return affine(W_in + g * d * n, bias + g * d, i, n, x); };
        const S c = state[d + i], z = tanh(driven(0) + w[i] * c), f = sigmoid(driven(1) + w[d + i] * c);
        after[d + i] = f * c + (1.0 - f) * z;
        after[i] = sigmoid(driven(2) + w[2 * d + i] * after[d + i]) * after[d + i];
        break;
      }
      case CellKind::alif: {  // states h, v, a; the reset reads the h that weights read
        const Spiking& unit = problem.spiking;
        const int counter = (layout.states - 1) * d + i;
        S u = dot(W_in, i, n, x) + dot(W_rec, i, d, seen);
        if (drive != nullptr) u = u + drive[i];
        const S spent = unit.stopped ? S(value_of(seen[i])) : seen[i];
        S before = state[d + i];
        if (unit.reset == "step") before = before - unit.v_th[i] * spent;
        if (unit.reset == "zero") before = before - before * spent;
        S v = unit.decay_v[i] * before + unit.zeta * u;
        if (unit.reset == "next") v = v - unit.v_th[i] * spent;
        const S above = v - unit.v_th[i] - unit.beta[i] * state[2 * d + i];
        const double wait = layout.carried == 0 ? 0 : std::max(0.0, value_of(state[counter]) - 1);
        const double fires = wait == 0 && value_of(above) > 0 ? 1 : 0;
        const double psi = wait > 0 ? 0 : unit.height[i] * slope_of_spike(unit.shape, value_of(above) / unit.width[i]);
        after[i] = with_slope(above, fires, psi);
        after[d + i] = v;
        after[2 * d + i] = unit.decay_a[i] * state[2 * d + i] + after[i];
        if (layout.carried != 0) after[counter] = fires != 0 ? unit.n_ref[i] : wait;
        break;
      }
    }
  }
  // What the readout reads in place of h, the states after the cell's own.
  const int filter = layout.filter_state * d, read = problem.kappa > 0 ? filter : 0;
  for (int i = 0; i < layout.shown_width(); ++i) {
    const int sum = layout.shown_state * d + i;
    if (problem.kappa > 0) after[filter + i] = problem.kappa * state[filter + i] + problem.zeta_out * after[i];
    if (problem.average) after[sum] = state[sum] + step_count(problem, b, t) * after[read + i];
  }
  return after;
}

/// The state (N S d) after a step of all layers. seen [N H d], state [N S d]; `lift` [N H d], where it is not null, is
/// added to the h of each layer before the layer above reads it, `drive` [N 2 d] as in layer_step.
template <class S>
std::vector<S> step(const OracleProblem& problem, const Layout& layout, const S* theta, const S* x, const S* seen,
                    const S* state, int b, int t, const S* lift = nullptr, const S* drive = nullptr) {
  const int width = layout.shown_width();
  std::vector<S> all;
  for (int l = 0; l < layout.layers; ++l) {
    const S* read = l == 0 ? x : all.data() + layout.first(l - 1);
    std::vector<S> after = layer_step(problem, layout, l, theta, read, seen + l * width, state + layout.first(l), b, t,
                                      drive == nullptr ? nullptr : drive + l * 2 * layout.d);
    for (int i = 0; lift != nullptr && i < width; ++i) after[i] = after[i] + lift[l * width + i];
    all.insert(all.end(), after.begin(), after.end());
  }
  return all;
}

/// The h of each layer, [N H d], out of a state.
template <class S>
std::vector<S> seen_in(const Layout& layout, const std::vector<S>& state) {
  std::vector<S> seen;
  for (int l = 0; l < layout.layers; ++l) {
    const auto h = state.begin() + layout.first(l);
    seen.insert(seen.end(), h, h + layout.shown_width());
  }
  return seen;
}

/// a = W_out s / divisor + b_y from what the readout reads of the state.
template <class S>
std::vector<S> pre_output(const Layout& layout, const S* theta, const S* shown, double divisor) {
  std::vector<S> a(layout.m), read(shown, shown + layout.shown_width());
  for (S& v : read) v = v / divisor;
  for (int k = 0; k < layout.m; ++k)
    a[k] = affine(theta + layout.W_out, theta + layout.b_y, k, layout.shown_width(), read.data());
  return a;
}

}  // namespace chronograd::checking
