// SPDX-License-Identifier: Apache-2.0
// Loops over a matrix: one row times it, and one pass of a trace over it (contracts: math/kernels.hpp). Each walks
// down the rows one block of columns at a time, so that what belongs to the columns stays in registers.
#pragma once

#include "math/vector.hpp"

namespace chronograd::CHRONOGRAD_ISA {
namespace {

/// Registers of this instruction set.
constexpr int registers = vector_bytes == 64 ? 32 : 16;

#define CHRONOGRAD_BLOCK [&](auto count, auto span, int c) __attribute__((always_inline))

/// Adds P rows of N vectors, P a power of 2, pairwise into the first row.
template <int P, int N, class V>
CHRONOGRAD_FORCE_INLINE void add_rows(V* sum) {
  if constexpr (P > 1) {
#pragma GCC unroll 16
    for (int i = 0; i < P / 2 * N; ++i) sum[i] += sum[P / 2 * N + i];
    add_rows<P / 2, N>(sum);
  }
}

/// y += x W for a matrix that lies beyond the nearest cache: a few rows side by side, each read as it lies in memory,
/// over as many columns as stay in the nearest cache. Each sum is in the order of the rows.
template <class T, class W>
void far_row_times(int rows, int cols, const T* x, const W* w, std::ptrdiff_t ld, T* y) {
  constexpr int tile = 2048, side_by_side = 8, lane = lanes<T>;
  for (int from = 0; from < cols; from += tile) {
    const int width = cols - from < tile ? cols - from : tile;
    const auto add = [&](auto rows_now, int j) __attribute__((always_inline)) {
      const W* row = w + j * ld + from;
      over_columns<4, T>(
          width, CHRONOGRAD_BLOCK {
            constexpr int N = count.value;
            Vector<T> sum[N];
            for (int k = 0; k < N; ++k) sum[k] = span.read(y + from + c + k * lane);
            for (int r = 0; r < rows_now.value; ++r)
              for (int k = 0; k < N; ++k) sum[k] += x[j + r] * span.read(row + r * ld + c + k * lane);
            for (int k = 0; k < N; ++k) span.write(y + from + c + k * lane, sum[k]);
          });
    };
    int j = 0;
    for (; rows - j >= side_by_side; j += side_by_side) add(Count<side_by_side>{}, j);
    for (; j < rows; ++j) add(Count<1>{}, j);
  }
}

template <class T>
void row_times(int rows, int cols, const T* x, const T* w, int ld, T beta, T* y) {
  constexpr int W = lanes<T>, block = 8 * W;
  constexpr std::ptrdiff_t far = (128 << 10) / sizeof(T);
  int begin = 0;
  if (beta != T(0) && std::ptrdiff_t{rows} * cols >= far) {  // the same sums in the same order
    begin = cols / block * block;
    far_row_times(rows, begin, x, w, std::ptrdiff_t{ld}, y);
  }
  over_columns<8, T>(
      cols,
      CHRONOGRAD_BLOCK {
        // A sum of its own for every `parts`-th row: one chain of additions would wait for itself.
        constexpr int N = count.value, parts = 8 / N;
        Vector<T> sum[parts * N];
        zero<parts * N>(sum);
        if (beta != T(0))
          for (int k = 0; k < N; ++k) sum[k] = span.read(y + c + k * W);
        const T* row = w + c;
        int j = 0;
        for (; rows - j >= parts; j += parts)
          for (int p = 0; p < parts; ++p, row += ld)
            for (int k = 0; k < N; ++k) sum[p * N + k] += x[j + p] * span.read(row + k * W);
        for (; j < rows; ++j, row += ld)
          for (int k = 0; k < N; ++k) sum[k] += x[j] * span.read(row + k * W);
        add_rows<parts, N>(sum);
        for (int k = 0; k < N; ++k) span.write(y + c + k * W, sum[k]);
      },
      begin);
}

/// Dot products of x with H rows at a time, then with the rows left over, H / 2 at a time and so on.
template <int H, class T>
CHRONOGRAD_FORCE_INLINE void times_column_from(int first, int rows, int cols, const T* w, int ld, const T* x, T beta,
                                               T* y) {
  constexpr int W = lanes<T>;
  int j = first;
  for (; rows - j >= H; j += H) {
    const T* row[H];
    for (int h = 0; h < H; ++h) row[h] = w + static_cast<std::ptrdiff_t>(j + h) * ld;
    Vector<T> sum[H];
    zero<H>(sum);
    over_columns<1, T>(
        cols, [&](auto, auto span, int c) __attribute__((always_inline)) {
          const Vector<T> v = span.read(x + c);
          for (int h = 0; h < H; ++h) sum[h] += v * span.read(row[h] + c);
        });
    const Vector<T> sums = sums_of<H, T>(sum);
    if constexpr (H == W) {
      store(y + j, beta != T(0) ? sums + load(y + j) : sums);
    } else {
      store_part(y + j, H, beta != T(0) ? sums + load_part(y + j, H) : sums);
    }
  }
  if constexpr (H > 1) times_column_from<H / 2>(j, rows, cols, w, ld, x, beta, y);
}

template <class T>
void times_column(int rows, int cols, const T* w, int ld, const T* x, T beta, T* y) {
  times_column_from<lanes<T>>(0, rows, cols, w, ld, x, beta, y);
}

template <class T>
void outer_add(int rows, int cols, const T* x, const T* y, T* g, int ld) {
  constexpr int W = lanes<T>;
  over_columns<8, T>(
      cols, CHRONOGRAD_BLOCK {
        constexpr int N = count.value;
        Vector<T> v[N];
        for (int k = 0; k < N; ++k) v[k] = span.read(y + c + k * W);
        T* row = g + c;
        for (int j = 0; j < rows; ++j, row += ld) {
          const T factor = x[j];
          for (int k = 0; k < N; ++k) span.write(row + k * W, span.read(row + k * W) + factor * v[k]);
        }
      });
}

template <class T>
void trace_step(int rows, int cols, const T* carry, const T* gain, const T* x, const T* credit, T* e, int lde, T* g,
                int ldg) {
  constexpr int W = lanes<T>;
  over_columns<registers / 4, T>(
      cols, CHRONOGRAD_BLOCK {
        constexpr int N = count.value;
        Vector<T> kept[N], fresh[N], weight[N];
        for (int k = 0; k < N; ++k) {
          kept[k] = span.read(carry + c + k * W);
          fresh[k] = span.read(gain + c + k * W);
          weight[k] = span.read(credit + c + k * W);
        }
        T* trace = e + c;
        T* sum = g + c;
        for (int j = 0; j < rows; ++j, trace += lde, sum += ldg) {
          const T regressor = x[j];
          for (int k = 0; k < N; ++k) {
            const Vector<T> v = kept[k] * span.read(trace + k * W) + regressor * fresh[k];
            span.write(trace + k * W, v);
            span.write(sum + k * W, span.read(sum + k * W) + weight[k] * v);
          }
        }
      });
}

/// What a step of S traces needs of a vector of columns (trace_step_many).
template <int S, class T>
struct TraceStep {
  Vector<T> l[S * S], fresh[S], weight[S], now;

  template <class Span>
  CHRONOGRAD_FORCE_INLINE void load_factors(Span span, int c, int cols, const T* carry, const T* gain, const T* read,
                                            const T* direct) {
    now = span.read(direct + c);
#pragma GCC unroll 36
    for (int s = 0; s < S * S; ++s) l[s] = span.read(carry + static_cast<std::ptrdiff_t>(s) * cols + c);
#pragma GCC unroll 36
    for (int s = 0; s < S; ++s) {
      fresh[s] = span.read(gain + static_cast<std::ptrdiff_t>(s) * cols + c);
      weight[s] = span.read(read + static_cast<std::ptrdiff_t>(s) * cols + c);
    }
  }
  template <class Span>
  CHRONOGRAD_FORCE_INLINE void run(Span span, T regressor, T* trace, std::ptrdiff_t between, T* sum) const {
    Vector<T> old[S], gradient = span.read(sum) + regressor * now;
#pragma GCC unroll 36
    for (int s = 0; s < S; ++s) {
      old[s] = span.read(trace + s * between);
      gradient += weight[s] * old[s];
    }
#pragma GCC unroll 36
    for (int r = 0; r < S; ++r) {
      Vector<T> v = regressor * fresh[r];
#pragma GCC unroll 36
      for (int s = 0; s < S; ++s) v += l[r * S + s] * old[s];
      span.write(trace + r * between, v);
    }
    span.write(sum, gradient);
  }
};

/// Down the columns, with the factors in registers, for one trace. Those of more traces do not fit there: then along
/// the rows, some at a time, since rows lie so far apart that going down would wait for memory at each of them.
template <int S, class T>
[[gnu::noinline]] void trace_step_of(int rows, int cols, const T* carry, const T* gain, const T* read, const T* direct,
                                     const T* x, T* e, std::ptrdiff_t between, int lde, T* g, int ldg) {
  constexpr int W = lanes<T>;
  const auto step_rows = [&](auto tall, auto wide, int first, int end) __attribute__((always_inline)) {
    over_columns<decltype(wide)::value, T>(
        cols, CHRONOGRAD_BLOCK {
          constexpr int N = count.value, together = decltype(tall)::value;
          TraceStep<S, T> step[N];
#pragma GCC unroll 4
          for (int k = 0; k < N; ++k) step[k].load_factors(span, c + k * W, cols, carry, gain, read, direct);
          T* trace = e + static_cast<std::ptrdiff_t>(first) * lde + c;
          T* sum = g + static_cast<std::ptrdiff_t>(first) * ldg + c;
          for (int j = first; j < end; j += together)
#pragma GCC unroll 4
            for (int r = 0; r < together; ++r, trace += lde, sum += ldg)
#pragma GCC unroll 4
              for (int k = 0; k < N; ++k) step[k].run(span, x[j + r], trace + k * W, between, sum + k * W);
        });
  };
  if constexpr (S == 1) {
    step_rows(Count<1>{}, Count<4>{}, 0, rows);
  } else {
    constexpr int together = 4;
    int j = 0;
    for (; rows - j >= together; j += together) step_rows(Count<together>{}, Count<1>{}, j, j + together);
    if (j < rows) step_rows(Count<1>{}, Count<1>{}, j, rows);
  }
}

template <class T>
void trace_step_many(int states, int rows, int cols, const T* carry, const T* gain, const T* read, const T* direct,
                     const T* x, T* e, std::ptrdiff_t between, int lde, T* g, int ldg) {
  switch (states) {
    case 1:
      return trace_step_of<1>(rows, cols, carry, gain, read, direct, x, e, between, lde, g, ldg);
    case 2:
      return trace_step_of<2>(rows, cols, carry, gain, read, direct, x, e, between, lde, g, ldg);
    case 3:
      return trace_step_of<3>(rows, cols, carry, gain, read, direct, x, e, between, lde, g, ldg);
    case 4:
      return trace_step_of<4>(rows, cols, carry, gain, read, direct, x, e, between, lde, g, ldg);
    case 5:
      return trace_step_of<5>(rows, cols, carry, gain, read, direct, x, e, between, lde, g, ldg);
    default:
      return trace_step_of<6>(rows, cols, carry, gain, read, direct, x, e, between, lde, g, ldg);
  }
}

template <class T>
T rank_one_step(int rows, int cols, T keep, const T* x, const T* y, T weight, T* b, int ldb, T* g, int ldg) {
  constexpr int W = lanes<T>;
  Vector<T> total = {};
  over_columns<4, T>(
      cols, CHRONOGRAD_BLOCK {
        constexpr int N = count.value;
        Vector<T> v[N], squares[N] = {};
        for (int k = 0; k < N; ++k) v[k] = span.read(y + c + k * W);
        T* row = b + c;
        T* sum = g + c;
        for (int j = 0; j < rows; ++j, row += ldb, sum += ldg) {
          const T factor = x[j];
          for (int k = 0; k < N; ++k) {
            const Vector<T> fresh = keep * span.read(row + k * W) + factor * v[k];
            span.write(row + k * W, fresh);
            span.write(sum + k * W, span.read(sum + k * W) + weight * fresh);
            squares[k] += fresh * fresh;
          }
        }
        for (int k = 0; k < N; ++k) total += span.template only_mine<T>(squares[k]);
      });
  return sum_of<T>(total);
}

template <class T>
void trace_read(int rows, int cols, const T* credit, const T* e, int lde, T* g, int ldg) {
  constexpr int W = lanes<T>;
  over_columns<8, T>(
      cols, CHRONOGRAD_BLOCK {
        constexpr int N = count.value;
        Vector<T> weight[N];
        for (int k = 0; k < N; ++k) weight[k] = span.read(credit + c + k * W);
        const T* trace = e + c;
        T* sum = g + c;
        for (int j = 0; j < rows; ++j, trace += lde, sum += ldg)
          for (int k = 0; k < N; ++k)
            span.write(sum + k * W, span.read(sum + k * W) + weight[k] * span.read(trace + k * W));
      });
}

#undef CHRONOGRAD_BLOCK

}  // namespace
}  // namespace chronograd::CHRONOGRAD_ISA
