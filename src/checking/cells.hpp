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

/// The state (S d) of layer l after a step. theta: all parameters; x: what the layer reads; seen [d], state [S d]; (b,
/// t) say which noise.
template <class S>
std::vector<S> layer_step(const OracleProblem& problem, const Layout& layout, int l, const S* theta, const S* x,
                          const S* seen, const S* state, int b, int t) {
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
        const double alpha = problem.alpha[i];
        const int draw = ((b * problem.T + t) * layout.layers + l) * d + i;
        const double noise = problem.xi.empty() ? 0.0 : problem.sigma * problem.xi[draw];
        S u = affine(W_in, b_in, i, n, x);
        u = u + (layout.recurs ? dot(W_rec, i, d, seen) : W_rec[i] * state[i]);
        if (problem.noise_on_input) u = u + std::sqrt(2 / alpha) * noise;
        after[i] = (1 - alpha) * state[i] + alpha * apply(layout.activation, u);
        if (!problem.noise_on_input) after[i] = after[i] + std::sqrt(2 * alpha) * noise;
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
    }
  }
  return after;
}

/// The state (N S d) after a step of all layers. seen [N d], state [N S d]; `lift` [N d], where it is not null, is
/// added to the h of each layer before anything reads it.
template <class S>
std::vector<S> step(const OracleProblem& problem, const Layout& layout, const S* theta, const S* x, const S* seen,
                    const S* state, int b, int t, const S* lift = nullptr) {
  std::vector<S> all;
  for (int l = 0; l < layout.layers; ++l) {
    const S* read = l == 0 ? x : all.data() + layout.first(l - 1);
    std::vector<S> after =
        layer_step(problem, layout, l, theta, read, seen + l * layout.d, state + layout.first(l), b, t);
    for (int i = 0; lift != nullptr && i < layout.d; ++i) after[i] = after[i] + lift[l * layout.d + i];
    all.insert(all.end(), after.begin(), after.end());
  }
  return all;
}

/// The h of each layer, [N d], out of a state.
template <class S>
std::vector<S> seen_in(const Layout& layout, const std::vector<S>& state) {
  std::vector<S> seen;
  for (int l = 0; l < layout.layers; ++l) {
    const auto h = state.begin() + layout.first(l);
    seen.insert(seen.end(), h, h + layout.d);
  }
  return seen;
}

/// a = W_out h + b_y.
template <class S>
std::vector<S> pre_output(const Layout& layout, const S* theta, const S* h) {
  std::vector<S> a(layout.m);
  for (int k = 0; k < layout.m; ++k) a[k] = affine(theta + layout.W_out, theta + layout.b_y, k, layout.d, h);
  return a;
}

}  // namespace chronograd::checking
