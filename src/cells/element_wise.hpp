// SPDX-License-Identifier: Apache-2.0
// What cells share whose units recur with themselves alone.
#pragma once

#include <cstddef>

#include "chronograd/unit_loops.hpp"

namespace chronograd {
namespace {

/// Regressors z = (h_prev, x, 1) of which no weight reads h_prev: the first `parts` pre-activations of a unit read the
/// inputs (and, with `bias`, the constant), as many more are parameters of the unit, whose only regressor is the
/// constant. Sets all but the parameters.
inline void element_wise_layout(int d, int n, int parts, CellLayout& out, int heads = 1, bool bias = true) {
  out = CellLayout{};
  const int x = heads * d, one = x + n, rows = parts * d, read = n + (bias ? 1 : 0);
  out.input_at = x;
  out.ones = 1;
  out.ones_at[0] = one;
  out.columns = one + 1;
  out.block_count = 2;
  out.blocks[0] = {0, rows, x, read, 0};
  out.blocks[1] = {rows, rows, one, 1, std::size_t(rows) * read};
}

/// h = f(s), s the second state: its rows of the linearisation (S states, G pre-activations) are f' times those of s.
template <int S, int G, class T>
CHRONOGRAD_INLINE void read_second_state(T slope, T* local, T* gain) {
  each<S>([&](auto s) { local[s] = slope * local[S + s]; });
  each<G>([&](auto g) { gain[g] = slope * gain[G + g]; });
}

}  // namespace
}  // namespace chronograd
