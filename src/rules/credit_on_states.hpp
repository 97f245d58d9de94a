// SPDX-License-Identifier: Apache-2.0
// All states of a stream as one vector, for rules that guess credit on it. Where among them the credit of a loss lies
// is known here.
#pragma once

#include <algorithm>

#include "base/sizes.hpp"
#include "chronograd/stack.hpp"
#include "math/kernels.hpp"
#include "rules/further_credit.hpp"

namespace chronograd {

/// on_states [B][N S d] += factor times credit on the states that it acts on: `on` [B][H d] on what the top layer
/// shows.
template <class T>
void add_credit(const Stack<T>& stack, int streams, T factor, const T* on, T* on_states) {
  const int d = stack.shown_width();
  for (int b = 0; b < streams; ++b)
    kernels<T>().axpy(d, factor, on + area(b, d), on_states + area(b, stack.width()) + stack.shown());
}

/// features [B][N S d + 1] = (state after step k, 1).
template <class T>
void states_and_one(const Stack<T>& stack, Layers<T> layers, int k, T* features) {
  const int width = stack.width();
  for (int b = 0; b < layers[0].streams; ++b) {
    T* out = features + area(b, width + 1);
    stack.state_after(layers, k, b, out);
    out[width] = 1;
  }
}

/// before [B][N S d]: the state that step k began from, zero where the stream begins anew.
template <class T>
void states_before(const Stack<T>& stack, Layers<T> layers, int k, T* before) {
  const int d = stack.shown_width(), further = stack.states() * stack.units() - d;
  for (int b = 0; b < layers[0].streams; ++b) {
    const int row = k * layers[0].streams + b;
    for (int l = 0; l < stack.layers(); ++l) {
      const Segment<T>& segment = layers[static_cast<std::size_t>(l)];
      before = std::copy_n(segment.z.data() + area(row, stack.layer(l).ld()), d, before);
      before = std::copy_n(segment.hidden.data() + area(row, stack.more()), further, before);
    }
  }
}

/// on_states [B][N S d], credit on the states after step k, with c [B][H d] added on what the top layer shows, becomes
/// that on the states before it. du [B][N G d] is what the pre-activations get, on_h [B][H d] scratch.
template <class T>
void credit_before(const Stack<T>& stack, Layers<T> layers, int k, T* on_states, const T* c, T* du, T* on_h) {
  std::fill_n(on_h, area(layers[0].streams, stack.shown_width()), T(0));
  stack.pull(layers, k, Recurrent::full, on_states, c, du, on_h);
  add_credit(stack, layers[0].streams, T(1), on_h, on_states);
}

/// jacobian [N S d][N S d] of step k of stream b; on_h [N S d][H d] and du [N S d][N G d] are scratch.
template <class T>
void jacobian_of(const Stack<T>& stack, Layers<T> layers, int k, int b, T* jacobian, T* on_h, T* du) {
  const int width = stack.width(), d = stack.shown_width();
  std::fill_n(jacobian, area(width, width), T(0));
  std::fill_n(on_h, area(width, d), T(0));
  for (int i = 0; i < width; ++i) jacobian[area(i, width + 1)] = 1;
  stack.pull_stream(layers, k, b, width, jacobian, on_h, du);
  add_credit(stack, width, T(1), on_h, jacobian);
}

}  // namespace chronograd
