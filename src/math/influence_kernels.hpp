// SPDX-License-Identifier: Apache-2.0
// One step of a tile of the influence matrix: a sparse matrix times contiguous rows (contract: math/kernels.hpp).
#pragma once

#include <cstdint>

#include "math/kernels.hpp"
#include "math/vector.hpp"

namespace chronograd::CHRONOGRAD_ISA {
namespace {

/// 16 bytes of numbers: one load takes them, and a cheap shuffle spreads each over all lanes.
template <class T>
struct FewOf {
  using Type __attribute__((vector_size(16))) = T;
};
template <class T>
constexpr int few = 16 / static_cast<int>(sizeof(T));
/// Terms of a row that a turn of a loop takes.
constexpr int turn = 4;

/// Each 16 bytes of the vector are those at p.
#if defined(__AVX512F__)
// (Written with shuffles, g++ 12 takes the numbers through the stack and waits for them there.)
CHRONOGRAD_FORCE_INLINE Vector<float> repeat_few(const float* p) {
  return _mm512_maskz_broadcast_f32x4(0xffff, _mm_loadu_ps(p));
}
CHRONOGRAD_FORCE_INLINE Vector<double> repeat_few(const double* p) {
  return _mm512_maskz_broadcast_f64x2(0xff, _mm_loadu_pd(p));
}
#else
template <class T, std::size_t... I>
CHRONOGRAD_FORCE_INLINE Vector<T> repeat_few(const T* p, std::index_sequence<I...>) {
  typename FewOf<T>::Type v;
  __builtin_memcpy(&v, p, sizeof v);
  return __builtin_shufflevector(v, v, (static_cast<int>(I) % few<T>)...);
}
template <class T>
CHRONOGRAD_FORCE_INLINE Vector<T> repeat_few(const T* p) {
  return repeat_few(p, std::make_index_sequence<static_cast<std::size_t>(lanes<T>)>());
}
#endif
template <int P, class T, std::size_t... I>
CHRONOGRAD_FORCE_INLINE Vector<T> pick(Vector<T> v, std::index_sequence<I...>) {
  return __builtin_shufflevector(v, v, (static_cast<int>(I) / few<T> * few<T> + P)...);
}

/// N vectors of columns on their way through the rows.
template <int N, class T>
struct InfluenceWalk {
  static constexpr int W = lanes<T>;
  const T* from;
  std::ptrdiff_t stride;
  const int* source;
  const T* value;
  const T* credit;
  T* to;
  const T* next;
  Vector<T> total[N];

  /// sum += v times the row of M that begins at `row`; v is one number, or the same in all lanes.
  template <class V>
  CHRONOGRAD_FORCE_INLINE void add(Vector<T>* sum, V v, int row) const {
    const T* p = from + row;
    for (int k = 0; k < N; ++k) sum[k] += v * load(p + k * W);
  }
  CHRONOGRAD_FORCE_INLINE void finish_row(const Vector<T>* sum) {
    const T weight = *credit++;
    for (int k = 0; k < N; ++k) {
      store(to + k * W, sum[k]);
      total[k] += weight * sum[k];
    }
    for (int k = 0; k < N; k += 64 / vector_bytes) __builtin_prefetch(next + k * W, 0, 2);
    to += stride;
    next += stride;
  }

  /// Sums of each column in turns: one chain of additions would wait for itself, unless there are many columns.
  static constexpr int sums = N > 4 ? 1 : 2;

  /// sum += value[i] times the row at source[i] for i = P ... few - 1. Two sources come with one load: vectors and
  /// these are loaded by the same two units.
  template <int P>
  CHRONOGRAD_FORCE_INLINE void add_few(Vector<T>* sum, Vector<T> values, const int* rows) const {
    if constexpr (P < few<T>) {
      constexpr auto all = std::make_index_sequence<static_cast<std::size_t>(W)>();
      constexpr int first = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 32;
      std::int64_t two;
      __builtin_memcpy(&two, rows + P, sizeof two);
      add(sum + P % sums * N, pick<P, T>(values, all), static_cast<int>(two >> first));
      add(sum + (P + 1) % sums * N, pick<P + 1, T>(values, all), static_cast<int>(two >> (32 - first)));
      add_few<P + 2>(sum, values, rows);
    }
  }
  /// The terms from E on of a row of `Terms`.
  template <int Terms, int E = 0>
  CHRONOGRAD_FORCE_INLINE void add_terms(Vector<T>* sum) const {
    if constexpr (Terms - E >= few<T>) {
      add_few<0>(sum, repeat_few(value + E), source + E);
      add_terms<Terms, E + few<T>>(sum);
    } else if constexpr (Terms > E) {
      add(sum + E % sums * N, value[E], source[E]);
      add_terms<Terms, E + 1>(sum);
    }
  }
  CHRONOGRAD_FORCE_INLINE void join(Vector<T>* sum) const {
    if constexpr (sums == 2)
      for (int k = 0; k < N; ++k) sum[k] += sum[N + k];
  }

  /// Rows of `Terms` terms each.
  template <int Terms>
  CHRONOGRAD_FORCE_INLINE void short_rows(int rows) {
    for (; rows > 0; --rows) {
      Vector<T> sum[sums * N];
      zero<sums * N>(sum);
      add_terms<Terms>(sum);
      join(sum);
      source += Terms;
      value += Terms;
      finish_row(sum);
    }
  }
  /// Rows of some times `turn` terms and Rest more: as many turns for each row, which a processor learns to expect.
  template <int Rest>
  CHRONOGRAD_FORCE_INLINE void middle_rows(int terms, int rows) {
    for (; rows > 0; --rows) {
      Vector<T> sum[sums * N];
      zero<sums * N>(sum);
      for (int e = Rest; e < terms; e += turn, source += turn, value += turn) add_terms<turn>(sum);
      add_terms<Rest>(sum);
      join(sum);
      source += Rest;
      value += Rest;
      finish_row(sum);
    }
  }
  CHRONOGRAD_FORCE_INLINE void long_rows(int terms, int rows) {
    for (; rows > 0; --rows) {
      Vector<T> sum[sums * N];
      zero<sums * N>(sum);
      int e = 0;
      for (; terms - e >= few<T>; e += few<T>) add_few<0>(sum, repeat_few(value + e), source + e);
      for (; e < terms; ++e) add(sum, value[e], source[e]);
      join(sum);
      source += terms;
      value += terms;
      finish_row(sum);
    }
  }
};

/// The loops for rows of at most this many terms are written out, so that no branch has to be predicted. For longer
/// ones it gains little, and each number of terms is compiled for every width and type.
constexpr int written_out = 8;
/// Rows of at most this many terms share the terms left over between both sums, longer ones add them to the
/// first. Either would do; as it is, results keep their last bits.
constexpr int in_turns = 20;

template <int Terms, int N, class T>
CHRONOGRAD_FORCE_INLINE bool short_run(InfluenceWalk<N, T>& walk, int terms, int rows) {
  if (terms == Terms) {
    walk.template short_rows<Terms>(rows);
    return true;
  }
  if constexpr (Terms > 1) return short_run<Terms - 1>(walk, terms, rows);
  return false;
}

template <int Rest, int N, class T>
CHRONOGRAD_FORCE_INLINE void middle_run(InfluenceWalk<N, T>& walk, int terms, int rows) {
  if (terms % turn == Rest) return walk.template middle_rows<Rest>(terms, rows);
  if constexpr (Rest > 0) middle_run<Rest - 1>(walk, terms, rows);
}

/// Rows of `terms` terms each, `rows` of them.
template <int N, class T>
CHRONOGRAD_FORCE_INLINE void run_rows(InfluenceWalk<N, T>& walk, int terms, int rows) {
  if (short_run<written_out>(walk, terms, rows)) return;
  if (terms <= in_turns) return middle_run<turn - 1>(walk, terms, rows);
  walk.long_rows(terms, rows);
}

/// influence_step in N vectors of columns from column c on.
template <int N, class T>
void influence_block(const InfluenceTile<T>& tile, int c) {
  InfluenceWalk<N, T> walk;
  walk.from = tile.from + c;
  walk.stride = tile.stride;
  walk.source = tile.source;
  walk.value = tile.value;
  walk.credit = tile.credit;
  walk.to = tile.to + c;
  walk.next = tile.next + c;
  zero<N>(walk.total);
  for (const int* run = tile.runs; run != tile.runs_end; run += 2) run_rows(walk, run[0], run[1]);
  for (int k = 0; k < N; ++k) store(tile.read + c + k * lanes<T>, walk.total[k]);
}

/// Calls the block of `vectors` <= N.
template <int N, class T>
CHRONOGRAD_FORCE_INLINE void influence_blocks(int vectors, const InfluenceTile<T>& tile, int c) {
  if (vectors == N) return influence_block<N, T>(tile, c);
  if constexpr (N > 1) influence_blocks<N - 1, T>(vectors, tile, c);
}

template <class T>
void influence_step(const InfluenceTile<T>& tile) {
  constexpr int W = lanes<T>, most = 6;
  const int vectors = tile.width / W, blocks = (vectors + most - 1) / most, each = (vectors + blocks - 1) / blocks;
  for (int done = 0; done < vectors; done += each)
    influence_blocks<most, T>(each < vectors - done ? each : vectors - done, tile, done * W);
}

}  // namespace
}  // namespace chronograd::CHRONOGRAD_ISA
