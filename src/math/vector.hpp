// SPDX-License-Identifier: Apache-2.0
// The widest vector of the instruction set that this file is compiled for, and loops over vectors with a partial one
// at the end. Written with the compilers' vector types rather than left to the auto-vectoriser: that one peels for
// alignment, and results must depend on nothing but the numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "chronograd/bf16.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define CHRONOGRAD_FORCE_INLINE [[gnu::always_inline]] inline

namespace chronograd::CHRONOGRAD_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int vector_bytes = 64;
#elif defined(__AVX2__)
constexpr int vector_bytes = 32;
#else
constexpr int vector_bytes = 16;
#endif

template <class T>
struct VectorOf {
  using Type __attribute__((vector_size(vector_bytes))) = T;
};
/// As they are stored; what is calculated with is a vector of floats.
template <>
struct VectorOf<Bf16> {
  using Type __attribute__((vector_size(vector_bytes / 2))) = std::uint16_t;
};
template <class T>
using Vector = typename VectorOf<T>::Type;

/// Numbers in a vector (W in the comments).
template <class T>
constexpr int lanes = vector_bytes / static_cast<int>(sizeof(T));

template <class T>
CHRONOGRAD_FORCE_INLINE Vector<T> load(const T* p) {
  Vector<T> v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

template <class T>
CHRONOGRAD_FORCE_INLINE void store(T* p, Vector<T> v) {
  __builtin_memcpy(p, &v, sizeof v);
}

/// Zeros, set one by one: for a whole array the compiler may call on memory instead of registers.
template <int N, class V>
CHRONOGRAD_FORCE_INLINE void zero(V* v) {
#pragma GCC unroll 16
  for (int i = 0; i < N; ++i) v[i] = V{};
}

// The first n numbers, 0 < n < W; the others are 0 and their memory is not touched.
#if defined(__AVX512F__)
CHRONOGRAD_FORCE_INLINE Vector<float> load_part(const float* p, int n) {
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p);
}
CHRONOGRAD_FORCE_INLINE Vector<double> load_part(const double* p, int n) {
  return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << n) - 1), p);
}
CHRONOGRAD_FORCE_INLINE void store_part(float* p, int n, Vector<float> v) {
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v);
}
CHRONOGRAD_FORCE_INLINE void store_part(double* p, int n, Vector<double> v) {
  _mm512_mask_storeu_pd(p, static_cast<__mmask8>((1u << n) - 1), v);
}
#elif defined(__AVX2__)
constexpr int part_mask[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
/// The mask of the first n of `size`-byte numbers.
CHRONOGRAD_FORCE_INLINE __m256i mask_of(int n, int size) {
  __m256i mask;
  __builtin_memcpy(&mask, part_mask + 8 - n * (size / 4), sizeof mask);
  return mask;
}
CHRONOGRAD_FORCE_INLINE Vector<float> load_part(const float* p, int n) {
  return _mm256_maskload_ps(p, mask_of(n, 4));
}
CHRONOGRAD_FORCE_INLINE Vector<double> load_part(const double* p, int n) {
  return _mm256_maskload_pd(p, mask_of(n, 8));
}
// Masked stores are slow on some processors (masked loads are not): halves, quarters and eighths instead.
CHRONOGRAD_FORCE_INLINE void store_part(float* p, int n, Vector<float> v) {
  __m128 rest = _mm256_castps256_ps128(v);
  if (n & 4) {
    _mm_storeu_ps(p, rest);
    rest = _mm256_extractf128_ps(v, 1);
    p += 4;
  }
  if (n & 2) {
    __builtin_memcpy(p, &rest, 2 * sizeof(float));
    rest = _mm_movehl_ps(rest, rest);
    p += 2;
  }
  if (n & 1) p[0] = rest[0];
}
CHRONOGRAD_FORCE_INLINE void store_part(double* p, int n, Vector<double> v) {
  __m128d rest = _mm256_castpd256_pd128(v);
  if (n & 2) {
    _mm_storeu_pd(p, rest);
    rest = _mm256_extractf128_pd(v, 1);
    p += 2;
  }
  if (n & 1) p[0] = rest[0];
}
#else
template <class T>
CHRONOGRAD_FORCE_INLINE Vector<T> load_part(const T* p, int n) {
  Vector<T> v = {};
  v[0] = p[0];
  if (n > 1) v[1] = p[1];
  if constexpr (lanes < T >> 2) {
    if (n > 2) v[2] = p[2];
  }
  return v;
}
template <class T>
CHRONOGRAD_FORCE_INLINE void store_part(T* p, int n, Vector<T> v) {
  p[0] = v[0];
  if (n > 1) p[1] = v[1];
  if constexpr (lanes < T >> 2) {
    if (n > 2) p[2] = v[2];
  }
}
#endif

// (The forms with a mask, all ones here: g++ 12 warns about the plain ones' own undefined operand.)
#if defined(__AVX512F__)
CHRONOGRAD_FORCE_INLINE Vector<float> square_root(Vector<float> v) {
  return _mm512_maskz_sqrt_ps(0xffff, v);
}
CHRONOGRAD_FORCE_INLINE Vector<double> square_root(Vector<double> v) {
  return _mm512_maskz_sqrt_pd(0xff, v);
}
#elif defined(__AVX2__)
CHRONOGRAD_FORCE_INLINE Vector<float> square_root(Vector<float> v) {
  return _mm256_sqrt_ps(v);
}
CHRONOGRAD_FORCE_INLINE Vector<double> square_root(Vector<double> v) {
  return _mm256_sqrt_pd(v);
}
#elif defined(__x86_64__)
CHRONOGRAD_FORCE_INLINE Vector<float> square_root(Vector<float> v) {
  return _mm_sqrt_ps(v);
}
CHRONOGRAD_FORCE_INLINE Vector<double> square_root(Vector<double> v) {
  return _mm_sqrt_pd(v);
}
#else
CHRONOGRAD_FORCE_INLINE Vector<float> square_root(Vector<float> v) {
  for (int i = 0; i < lanes<float>; ++i) v[i] = __builtin_sqrtf(v[i]);
  return v;
}
CHRONOGRAD_FORCE_INLINE Vector<double> square_root(Vector<double> v) {
  for (int i = 0; i < lanes<double>; ++i) v[i] = __builtin_sqrt(v[i]);
  return v;
}
#endif

/// from[index[0]], from[index[1]], ...
// (Again the forms with a mask: the plain ones have an undefined operand too.)
#if defined(__AVX512F__)
CHRONOGRAD_FORCE_INLINE Vector<float> gathered(const float* from, const int* index) {
  return _mm512_mask_i32gather_ps(_mm512_setzero_ps(), 0xffff, _mm512_loadu_si512(index), from, 4);
}
CHRONOGRAD_FORCE_INLINE Vector<double> gathered(const double* from, const int* index) {
  const __m256i places = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(index));
  return _mm512_mask_i32gather_pd(_mm512_setzero_pd(), 0xff, places, from, 8);
}
#elif defined(__AVX2__)
CHRONOGRAD_FORCE_INLINE Vector<float> gathered(const float* from, const int* index) {
  const __m256i places = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(index));
  return _mm256_mask_i32gather_ps(_mm256_setzero_ps(), from, places, _mm256_castsi256_ps(_mm256_set1_epi32(-1)), 4);
}
CHRONOGRAD_FORCE_INLINE Vector<double> gathered(const double* from, const int* index) {
  const __m128i places = _mm_loadu_si128(reinterpret_cast<const __m128i*>(index));
  return _mm256_mask_i32gather_pd(_mm256_setzero_pd(), from, places, _mm256_castsi256_pd(_mm256_set1_epi64x(-1)), 8);
}
#else
template <class T>
CHRONOGRAD_FORCE_INLINE Vector<T> gathered(const T* from, const int* index) {
  Vector<T> v = {};
  for (int i = 0; i < lanes<T>; ++i) v[i] = from[index[i]];
  return v;
}
#endif

/// Lanes whose bit is set; the others are 0, NaN too.
#if defined(__AVX512F__)
CHRONOGRAD_FORCE_INLINE Vector<float> chosen(Vector<float> v, std::uint64_t bits) {
  return _mm512_maskz_mov_ps(static_cast<__mmask16>(bits), v);
}
CHRONOGRAD_FORCE_INLINE Vector<double> chosen(Vector<double> v, std::uint64_t bits) {
  return _mm512_maskz_mov_pd(static_cast<__mmask8>(bits), v);
}
#else
template <class Int, class V>
CHRONOGRAD_FORCE_INLINE V chosen_by(V v, Int bits) {
  using Ints __attribute__((vector_size(vector_bytes))) = Int;
  Ints lane;
  for (int i = 0; i < vector_bytes / static_cast<int>(sizeof(Int)); ++i) lane[i] = Int{1} << i;
  return __builtin_bit_cast(V, __builtin_bit_cast(Ints, v) & ((lane & bits) == lane));
}
CHRONOGRAD_FORCE_INLINE Vector<float> chosen(Vector<float> v, std::uint64_t bits) {
  return chosen_by(v, static_cast<std::int32_t>(bits));
}
CHRONOGRAD_FORCE_INLINE Vector<double> chosen(Vector<double> v, std::uint64_t bits) {
  return chosen_by(v, static_cast<std::int64_t>(bits));
}
#endif

// Numbers that are stored in 16 bits and calculated with as floats.
using Bits __attribute__((vector_size(vector_bytes))) = std::uint32_t;

CHRONOGRAD_FORCE_INLINE Vector<float> load(const Bf16* p) {
  Vector<Bf16> v;
  __builtin_memcpy(&v, p, sizeof v);
  return __builtin_bit_cast(Vector<float>, __builtin_convertvector(v, Bits) << 16);
}
CHRONOGRAD_FORCE_INLINE Vector<float> load_part(const Bf16* p, int n) {
  Vector<Bf16> v = {};
  __builtin_memcpy(&v, p, static_cast<std::size_t>(n) * sizeof *p);
  return __builtin_bit_cast(Vector<float>, __builtin_convertvector(v, Bits) << 16);
}
/// Rounded as Bf16 does.
CHRONOGRAD_FORCE_INLINE Vector<Bf16> rounded(Vector<float> v) {
  const Bits whole = __builtin_bit_cast(Bits, v);
  const Bits number = whole + 0x7fff + ((whole >> 16) & 1);
  const Bits is_nan = __builtin_bit_cast(Bits, v != v);
  return __builtin_convertvector(((is_nan & (whole | 0x400000)) | (~is_nan & number)) >> 16, Vector<Bf16>);
}
CHRONOGRAD_FORCE_INLINE void store(Bf16* p, Vector<float> v) {
  const Vector<Bf16> bits = rounded(v);
  __builtin_memcpy(static_cast<void*>(p), &bits, sizeof bits);
}
CHRONOGRAD_FORCE_INLINE void store_part(Bf16* p, int n, Vector<float> v) {
  const Vector<Bf16> bits = rounded(v);
  __builtin_memcpy(static_cast<void*>(p), &bits, static_cast<std::size_t>(n) * sizeof *p);
}

/// How a block of columns reads and writes: whole vectors, or one vector's first n numbers.
struct Whole {
  template <class T>
  CHRONOGRAD_FORCE_INLINE auto read(const T* p) const {
    return load(p);
  }
  template <class T, class V>
  CHRONOGRAD_FORCE_INLINE void write(T* p, V v) const {
    store(p, v);
  }
  template <class T>
  CHRONOGRAD_FORCE_INLINE Vector<T> only_mine(Vector<T> v) const {
    return v;
  }
};

struct Part {
  int n;
  template <class T>
  CHRONOGRAD_FORCE_INLINE auto read(const T* p) const {
    return load_part(p, n);
  }
  template <class T, class V>
  CHRONOGRAD_FORCE_INLINE void write(T* p, V v) const {
    store_part(p, n, v);
  }
  /// v with zeros in the lanes beyond n (0 times infinity would leave NaN there).
  template <class T>
  CHRONOGRAD_FORCE_INLINE Vector<T> only_mine(Vector<T> v) const {
    return chosen(v, (std::uint64_t{1} << n) - 1);
  }
};

template <int N>
struct Count {
  static constexpr int value = N;
};

/// Calls block(Count<N>, Whole, c) for N vectors from column c on, N falling from `Most` (a power of 2) to 1, and
/// block(Count<1>, Part, c) for what is left.
template <int Most, class T, class Block>
CHRONOGRAD_FORCE_INLINE void over_columns(int cols, Block block, int from = 0) {
  constexpr int step = Most * lanes<T>;
  int c = from;
  for (; cols - c >= step; c += step) block(Count<Most>{}, Whole{}, c);
  if constexpr (Most > 1) {
    over_columns<Most / 2, T>(cols, block, c);
  } else {
    if (c < cols) block(Count<1>{}, Part{cols - c}, c);
  }
}

/// Lane of fold's first (S_offset = 0) or second operand: blocks of 2 S lanes, the lower S from a, the upper S from b.
template <class T>
constexpr int fold_lane(int lane, int s, int offset) {
  const int block = lane / (2 * s) * (2 * s), place = lane % (2 * s);
  return place < s ? block + place + offset : lanes<T> + block + place - s + offset;
}

/// Adds the halves of each block of 2 S lanes of a (into the lower S lanes of the block) and of b (into the upper S).
template <int S, class T, std::size_t... I>
CHRONOGRAD_FORCE_INLINE Vector<T> fold(Vector<T> a, Vector<T> b, std::index_sequence<I...>) {
  return __builtin_shufflevector(a, b, fold_lane<T>(I, S, 0)...) +
         __builtin_shufflevector(a, b, fold_lane<T>(I, S, S)...);
}

/// Folds H vectors, a power of 2 up to W, into one: W / H lanes side by side, all equal, hold the sum of each.
template <int H, class T, int S = lanes<T> / 2>
CHRONOGRAD_FORCE_INLINE Vector<T> folded(Vector<T>* v) {
  if constexpr (S == 0) {
    return v[0];
  } else {
    constexpr int half = H > 1 ? H / 2 : 1;
    for (int i = 0; i < half; ++i)
      v[i] = fold<S, T>(v[i], v[H > 1 ? i + half : i], std::make_index_sequence<static_cast<std::size_t>(lanes<T>)>());
    return folded<half, T, S / 2>(v);
  }
}

/// Every `Every`-th lane of v, from the first lane on, again and again.
template <int Every, class T, std::size_t... I>
CHRONOGRAD_FORCE_INLINE Vector<T> each_nth(Vector<T> v, std::index_sequence<I...>) {
  return __builtin_shufflevector(v, v, (static_cast<int>(I) * Every % lanes<T>)...);
}

/// Sums over the lanes of H vectors: lane i < H of the result is the sum of v[i]. The order of additions inside a
/// vector is the same whatever H is.
template <int H, class T>
CHRONOGRAD_FORCE_INLINE Vector<T> sums_of(Vector<T>* v) {
  return each_nth<lanes<T> / H, T>(folded<H, T>(v), std::make_index_sequence<static_cast<std::size_t>(lanes<T>)>());
}

template <class T>
CHRONOGRAD_FORCE_INLINE T sum_of(Vector<T> v) {
  return folded<1, T>(&v)[0];
}

}  // namespace
}  // namespace chronograd::CHRONOGRAD_ISA
