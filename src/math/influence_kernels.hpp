// SPDX-License-Identifier: Apache-2.0
// One step of a tile of the influence matrix: a sparse matrix times contiguous rows (contract: math/kernels.hpp).
#pragma once

#include "math/kernels.hpp"
#include "math/vector.hpp"

namespace chronograd::CHRONOGRAD_ISA {
namespace {

/// 16 bytes of numbers: so many are spread over vectors by one load, and each over all lanes by a cheap shuffle.
template <class T>
struct FewOf {
  using Type __attribute__((vector_size(16))) = T;
};
template <class T>
constexpr int few = 16 / static_cast<int>(sizeof(T));

template <class T, std::size_t... I>
CHRONOGRAD_FORCE_INLINE Vector<T> repeat_few(const T* p, std::index_sequence<I...>) {
  typename FewOf<T>::Type v;
  __builtin_memcpy(&v, p, sizeof v);
  return __builtin_shufflevector(v, v, (static_cast<int>(I) % few<T>)...);
}
template <int P, class T, std::size_t... I>
CHRONOGRAD_FORCE_INLINE Vector<T> pick(Vector<T> v, std::index_sequence<I...>) {
  return __builtin_shufflevector(v, v, (static_cast<int>(I) / few<T> * few<T> + P)...);
}

/// N vectors of columns on their way through the rows. `tail`: numbers in the last vector, W or W / 2.
template <int N, class T>
struct InfluenceWalk {
  static constexpr int W = lanes<T>;
  const T* from;
  std::ptrdiff_t stride;
  int tail;
  const int* source;
  const T* value;
  const T* credit;
  T* to;
  const T* next;
  Vector<T> total[N];

  CHRONOGRAD_FORCE_INLINE bool whole(int k) const { return W <= InfluenceTile<T>::pack || k < N - 1 || tail == W; }
  CHRONOGRAD_FORCE_INLINE Vector<T> get(const T* p, int k) const { return whole(k) ? load(p) : load_part(p, tail); }
  CHRONOGRAD_FORCE_INLINE void put(T* p, int k, Vector<T> v) const {
    if (whole(k))
      store(p, v);
    else
      store_part(p, tail, v);
  }

  /// sum += v times the row of M that begins at `row`; v is one number, or the same in all lanes.
  template <class V>
  CHRONOGRAD_FORCE_INLINE void add(Vector<T>* sum, V v, int row) const {
    const T* p = from + row;
    for (int k = 0; k < N; ++k) sum[k] += v * get(p + k * W, k);
  }
  CHRONOGRAD_FORCE_INLINE void finish_row(const Vector<T>* sum) {
    const T weight = *credit++;
    for (int k = 0; k < N; ++k) {
      put(to + k * W, k, sum[k]);
      total[k] += weight * sum[k];
    }
    for (int k = 0; k < N; k += 64 / vector_bytes) __builtin_prefetch(next + k * W, 0, 2);
    to += stride;
    next += stride;
  }

  /// Rows of `Terms` terms each.
  template <int Terms>
  CHRONOGRAD_FORCE_INLINE void short_rows(int rows) {
    for (; rows > 0; --rows) {
      Vector<T> sum[N];
      zero<N>(sum);
#pragma GCC unroll 8
      for (int e = 0; e < Terms; ++e) add(sum, value[e], source[e]);
      source += Terms;
      value += Terms;
      finish_row(sum);
    }
  }

  /// Sums of each column in turns: one chain of additions would wait for itself, unless there are many columns.
  static constexpr int sums = N > 4 ? 1 : 2;

  /// sum += value[i] times the row at source[i] for i = P ... few - 1.
  template <int P>
  CHRONOGRAD_FORCE_INLINE void add_few(Vector<T>* sum, Vector<T> values, const int* rows) const {
    if constexpr (P < few<T>) {
      add(sum + P % sums * N, pick<P, T>(values, std::make_index_sequence<static_cast<std::size_t>(W)>()), rows[P]);
      add_few<P + 1>(sum, values, rows);
    }
  }
  CHRONOGRAD_FORCE_INLINE void long_rows(int terms, int rows) {
    constexpr auto all = std::make_index_sequence<static_cast<std::size_t>(W)>();
    for (; rows > 0; --rows) {
      Vector<T> sum[sums * N];
      zero<sums * N>(sum);
      int e = 0;
      for (; terms - e >= few<T>; e += few<T>) add_few<0>(sum, repeat_few(value + e, all), source + e);
      for (; e < terms; ++e) add(sum, value[e], source[e]);
      source += terms;
      value += terms;
      if constexpr (sums == 2)
        for (int k = 0; k < N; ++k) sum[k] += sum[N + k];
      finish_row(sum);
    }
  }
};

/// influence_step in N vectors of columns from column c on.
template <int N, class T>
void influence_block(const InfluenceTile<T>& tile, int c, int tail) {
  InfluenceWalk<N, T> walk;
  walk.from = tile.from + c;
  walk.stride = tile.stride;
  walk.tail = tail;
  walk.source = tile.source;
  walk.value = tile.value;
  walk.credit = tile.credit;
  walk.to = tile.to + c;
  walk.next = tile.next + c;
  zero<N>(walk.total);
  for (const int* run = tile.runs; run != tile.runs_end; run += 2) {
    const int rows = run[1];
    // Written out, short sums leave no branch to guess.
    switch (run[0]) {
      case 1:
        walk.template short_rows<1>(rows);
        break;
      case 2:
        walk.template short_rows<2>(rows);
        break;
      case 3:
        walk.template short_rows<3>(rows);
        break;
      case 4:
        walk.template short_rows<4>(rows);
        break;
      case 5:
        walk.template short_rows<5>(rows);
        break;
      case 6:
        walk.template short_rows<6>(rows);
        break;
      default:
        walk.long_rows(run[0], rows);
    }
  }
  for (int k = 0; k < N; ++k) walk.put(tile.read + c + k * lanes<T>, k, walk.total[k]);
}

/// Calls the block of `vectors` <= N.
template <int N, class T>
CHRONOGRAD_FORCE_INLINE void influence_blocks(int vectors, const InfluenceTile<T>& tile, int c, int tail) {
  if (vectors == N) return influence_block<N, T>(tile, c, tail);
  if constexpr (N > 1) influence_blocks<N - 1, T>(vectors, tile, c, tail);
}

template <class T>
void influence_step(const InfluenceTile<T>& tile) {
  constexpr int W = lanes<T>, most = 6;
  const int vectors = (tile.width + W - 1) / W, blocks = (vectors + most - 1) / most,
            each = (vectors + blocks - 1) / blocks;
  for (int done = 0; done < vectors; done += each) {
    const int now = each < vectors - done ? each : vectors - done, c = done * W, left = tile.width - c - (now - 1) * W;
    influence_blocks<most, T>(now, tile, c, left < W ? left : W);
  }
}

}  // namespace
}  // namespace chronograd::CHRONOGRAD_ISA
