// SPDX-License-Identifier: Apache-2.0
// Elementary functions for loops that the compiler turns into vector instructions: no branches, tables or calls, only
// selects. Everything is in an unnamed namespace, since files that include this are compiled once per instruction set.
//
// Largest errors, against long double and over all finite inputs, with and without fused multiply-add: at most 3 units
// in the last place (measured by tests/math/functions_test.cpp: below 2.5), also for tiny inputs and subnormal results;
// sine and cosine, over the inputs that they name, 2 units in the last place of 1.
// NaN gives NaN (that is how divergence is noticed); infinities give the limits.
#pragma once

#include <cstdint>

namespace chronograd {
namespace {

template <class T>
struct FloatFormat;

template <>
struct FloatFormat<float> {
  using Bits = std::uint32_t;
  static constexpr int mantissa = 23, bias = 127;
  static constexpr float round = 12582912.0f;  // 1.5 2^23: adding it rounds to a whole number
  static constexpr float exp_low = -104.0f, exp_high = 89.0f;
  static constexpr float tanh_high = 20.0f;          // 2 |x| beyond which tanh is 1
  static constexpr float ln2_high = 0.693359375f;    // 9 bits: its product with an exponent is exact
  static constexpr float ln2_low = -2.12194440e-4f;  // ln 2 - ln2_high
  static constexpr float half_pi_high = 1.5703125f, half_pi_middle = 4.837512969970703125e-4f,
                         half_pi_low = 7.54978995489188216e-8f;  // of 8 and 11 bits, and the rest of pi/2
};

template <>
struct FloatFormat<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa = 52, bias = 1023;
  static constexpr double round = 6755399441055744.0;  // 1.5 2^52
  static constexpr double exp_low = -746.0, exp_high = 710.0;
  static constexpr double tanh_high = 44.0;
  static constexpr double ln2_high = 6.93147180369123816490e-01;  // 32 bits
  static constexpr double ln2_low = 1.90821492927058770002e-10;
  static constexpr double half_pi_high = 1.57079632673412561417, half_pi_middle = 6.07710050630396597660e-11,
                          half_pi_low = 2.02226624879595063154e-21;  // of 33 bits each, and the rest
};

/// 2^n for a whole number n such that 2^n is a normal number.
template <class T>
[[gnu::always_inline]] inline T power_of_two(T n) {
  using F = FloatFormat<T>;
  // The sum's lowest bits are n + bias; shifted up they are the exponent, and all else falls off.
  const T sum = n + (F::round + T(F::bias));
  return __builtin_bit_cast(T, static_cast<typename F::Bits>(__builtin_bit_cast(typename F::Bits, sum) << F::mantissa));
}

/// (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2: minimax for the relative error of e^r - 1 (2e-10, 2e-17).
[[gnu::always_inline]] inline float expm1_tail(float r) {
  const float s = r * r;
  const float a = 0.50000000465249845812f + r * 0.16666666817458090825f;
  const float b = 0.04166635416473410948f + r * 0.0083332729485920058795f;
  const float c = 0.0013941050005500074444f + r * 0.00019914231110031041116f;
  return a + s * (b + s * c);
}
[[gnu::always_inline]] inline double expm1_tail(double r) {
  const double s = r * r, s2 = s * s;
  const double a = 0.50000000000000055724 + r * 0.16666666666666686064;
  const double b = 0.041666666666573324528 + r * 0.0083333333333145404543;
  const double c = 0.0013888888932483948916 + r * 0.00019841269903157933883;
  const double d = 0.000024801504312532130965 + r * 2.7557227827830376799e-6;
  const double e = 2.7626382056674594256e-7 + r * 2.5114516347128540552e-8;
  return (a + s * b) + s2 * ((c + s * d) + s2 * e);
}

/// (atanh(sqrt z) / sqrt z - 1) / z for 0 <= z <= 0.0295, minimax.
[[gnu::always_inline]] inline float atanh_tail(float z) {
  return 0.3333338912242739562f + z * (0.19988643329740106147f + z * 0.14939583930042507687f);
}
[[gnu::always_inline]] inline double atanh_tail(double z) {
  const double y = z * z;
  const double a = 0.33333333333333685621 + z * 0.19999999999697304573;
  const double b = 0.14285714373636461041 + z * 0.1111109901591655419;
  const double c = 0.090917972037137880823 + z * 0.076566169699480148125;
  return a + y * (b + y * (c + y * 0.074022834654006960596));
}

/// x = n ln 2 + r with a whole number n and |r| <= ln(2) / 2, for x in the range of exp_of.
template <class T>
[[gnu::always_inline]] inline T reduce_exponent(T x, T& n) {
  using F = FloatFormat<T>;
  n = (x * T(1.44269504088896340736) + F::round) - F::round;
  return (x - n * F::ln2_high) - n * F::ln2_low;
}

/// e^x
template <class T>
[[gnu::always_inline]] inline T exp_of(T x) {
  using F = FloatFormat<T>;
  // Comparisons are written so that NaN passes through; beyond these limits the result is 0 or infinity anyway.
  x = x < F::exp_low ? F::exp_low : x;
  x = x > F::exp_high ? F::exp_high : x;
  T n;
  const T r = reduce_exponent(x, n);
  const T e = T(1) + (r + r * r * expm1_tail(r));
  // In two steps, since 2^n itself can be above the largest number or below the smallest normal one.
  const T half = (n * T(0.5) + F::round) - F::round;
  return e * power_of_two(half) * power_of_two(n - half);
}

/// e^x - 1 for 0 <= x <= tanh_high
template <class T>
[[gnu::always_inline]] inline T expm1_small(T x) {
  T n;
  const T r = reduce_exponent(x, n);
  const T scale = power_of_two(n);
  return scale * (r + r * r * expm1_tail(r)) + (scale - T(1));
}

[[gnu::always_inline]] inline float magnitude(float x) {
  return __builtin_fabsf(x);
}
[[gnu::always_inline]] inline double magnitude(double x) {
  return __builtin_fabs(x);
}
[[gnu::always_inline]] inline float with_sign_of(float x, float s) {
  return __builtin_copysignf(x, s);
}
[[gnu::always_inline]] inline double with_sign_of(double x, double s) {
  return __builtin_copysign(x, s);
}

/// Hyperbolic tangent.
template <class T>
[[gnu::always_inline]] inline T tanh_of(T x) {
  using F = FloatFormat<T>;
  T twice = magnitude(x) + magnitude(x);
  twice = twice > F::tanh_high ? F::tanh_high : twice;
  const T e = expm1_small(twice);
  return with_sign_of(e / (e + T(2)), x);
}

/// 1 / (1 + e^-x)
template <class T>
[[gnu::always_inline]] inline T sigmoid_of(T x) {
  const T e = exp_of(-magnitude(x));  // at most 1: no overflow, and exact to the last digits for very negative x
  return (x >= T(0) ? T(1) : e) / (T(1) + e);
}

/// log(1 + e^x) for any x
template <class T>
[[gnu::always_inline]] inline T softplus_of(T x) {
  const T e = exp_of(-magnitude(x));
  // log(1 + e) = log(1 + f) or log 2 + log(1 + f), so that |f| <= sqrt(2) - 1; log(1 + f) = 2 atanh(f / (2 + f)).
  const bool large = e > T(0.41421356237309504880);
  const T f = large ? (e - T(1)) * T(0.5) : e;
  const T s = f / (T(2) + f);
  const T z = s * s;
  // 2 s = f - s f, so that rounding of s only touches the smaller term.
  const T log1p = f - s * (f - T(2) * z * atanh_tail(z));
  return (x > T(0) ? x : T(0)) + ((large ? T(0.69314718055994530942) : T(0)) + log1p);
}

/// sin x and cos x for |x| up to 1e4 (float) or 1e6 (double); beyond, the reduction loses digits.
template <class T>
[[gnu::always_inline]] inline void sin_cos_of(T x, T& sine, T& cosine) {
  using F = FloatFormat<T>;
  // x = n pi/2 + r, |r| <= pi/4; the first two parts of pi/2 are short, so that their products with n are exact.
  const T n = (x * T(0.63661977236758134308) + F::round) - F::round;
  const T r = ((x - n * F::half_pi_high) - n * F::half_pi_middle) - n * F::half_pi_low;
  const T z = r * r;
  T s, c;
  if constexpr (sizeof(T) == sizeof(float)) {  // Taylor: the next terms are below 2e-9 and 2e-9 of the result
    s = r + r * z * (T(-1.0 / 6) + z * (T(1.0 / 120) + z * (T(-1.0 / 5040) + z * T(1.0 / 362880))));
    c = (T(1) - T(0.5) * z) + z * z * (T(1.0 / 24) + z * (T(-1.0 / 720) + z * (T(1.0 / 40320) - z * T(1.0 / 3628800))));
  } else {  // the next terms are below 2e-19 and 3e-18
    const T s_high = T(1.0 / 362880) +
                     z * (T(-1.0 / 39916800) + z * (T(1.0 / 6227020800.0) +
                                                    z * (T(-1.0 / 1307674368000.0) + z * T(1.0 / 355687428096000.0))));
    s = r + r * z * (T(-1.0 / 6) + z * (T(1.0 / 120) + z * (T(-1.0 / 5040) + z * s_high)));
    const T c_high = T(1.0 / 40320) +
                     z * (T(-1.0 / 3628800) +
                          z * (T(1.0 / 479001600.0) + z * (T(-1.0 / 87178291200.0) + z * T(1.0 / 20922789888000.0))));
    c = (T(1) - T(0.5) * z) + z * z * (T(1.0 / 24) + z * (T(-1.0 / 720) + z * c_high));
  }
  // n mod 4 in {-2, ..., 2}; odd quadrants swap the two, and half of them change sign. (Signs are numbers: g++ 12 does
  // not vectorise what joins two comparisons.)
  const T quarter = (n * T(0.25) + F::round) - F::round;
  const T q = n - T(4) * quarter;
  const bool swap = magnitude(q) == T(1);
  T sign_s = q < T(0) ? T(-1) : T(1), sign_c = magnitude(q) == T(2) ? T(-1) : T(1);
  sign_s = q == T(2) ? T(-1) : sign_s;
  sign_c = q == T(1) ? T(-1) : sign_c;
  sine = sign_s * (swap ? c : s);
  cosine = sign_c * (swap ? s : c);
}

[[gnu::always_inline]] inline float square_root_of(float x) {
  return __builtin_sqrtf(x);
}
[[gnu::always_inline]] inline double square_root_of(double x) {
  return __builtin_sqrt(x);
}

}  // namespace
}  // namespace chronograd
