// SPDX-License-Identifier: Apache-2.0
// Transposes a matrix in tiles of W x W numbers that are turned inside registers.
#pragma once

#include "math/vector.hpp"

namespace chronograd::CHRONOGRAD_ISA {
namespace {

/// Exchanges the off-diagonal S x S blocks of each 2 S x 2 S block of a W x W tile, then does so within the blocks.
template <class T, int S, std::size_t... I>
CHRONOGRAD_FORCE_INLINE void turn_tile(Vector<T>* row, std::index_sequence<I...> all) {
  for (int i = 0; i < lanes<T>; ++i) {
    if (i & S) continue;
    const Vector<T> a = row[i], b = row[i + S];
    row[i] = __builtin_shufflevector(a, b, fold_lane<T>(I, S, 0)...);
    row[i + S] = __builtin_shufflevector(a, b, fold_lane<T>(I, S, S)...);
  }
  if constexpr (S > 1) turn_tile<T, S / 2>(row, all);
}

template <class T>
void transpose(int rows, int cols, const T* from, int ld_from, T* to, int ld_to) {
  constexpr int W = lanes<T>;
  // Down the rows first: each stored line of `to` is then completed while it is still in the nearest cache.
  over_columns<1, T>(
      cols, [&](auto, auto across, int c) __attribute__((always_inline)) {
        const int width = cols - c < W ? cols - c : W;
        over_columns<1, T>(
            rows, [&](auto, auto down, int r) __attribute__((always_inline)) {
              const int height = rows - r < W ? rows - r : W;
              Vector<T> tile[W] = {};
              const T* source = from + static_cast<std::ptrdiff_t>(r) * ld_from + c;
              T* target = to + static_cast<std::ptrdiff_t>(c) * ld_to + r;
              if (height == W) {
                for (int i = 0; i < W; ++i) tile[i] = across.read(source + static_cast<std::ptrdiff_t>(i) * ld_from);
              } else {
                for (int i = 0; i < height; ++i)
                  tile[i] = across.read(source + static_cast<std::ptrdiff_t>(i) * ld_from);
              }
              turn_tile<T, W / 2>(tile, std::make_index_sequence<static_cast<std::size_t>(W)>());
              if (width == W) {
                for (int i = 0; i < W; ++i) down.write(target + static_cast<std::ptrdiff_t>(i) * ld_to, tile[i]);
              } else {
                for (int i = 0; i < width; ++i) down.write(target + static_cast<std::ptrdiff_t>(i) * ld_to, tile[i]);
              }
            });
      });
}

}  // namespace
}  // namespace chronograd::CHRONOGRAD_ISA
