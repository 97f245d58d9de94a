// SPDX-License-Identifier: Apache-2.0
// The elementary functions against the C library's long double ones, for every instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "every_isa.hpp"
#include "functions_probe.hpp"

#define CHRONOGRAD_LOOPS(set)                      \
  namespace chronograd::set {                      \
  extern const FunctionLoops<float> loops_float;   \
  extern const FunctionLoops<double> loops_double; \
  }
CHRONOGRAD_LOOPS(baseline)
#ifdef CHRONOGRAD_X86_SETS
CHRONOGRAD_LOOPS(avx2)
CHRONOGRAD_LOOPS(avx512)
#endif

namespace chronograd {
namespace {

template <class T>
const FunctionLoops<T>& loops_of(Isa isa);

template <>
const FunctionLoops<float>& loops_of(Isa isa) {
#ifdef CHRONOGRAD_X86_SETS
  if (isa == Isa::avx512) return avx512::loops_float;
  if (isa == Isa::avx2) return avx2::loops_float;
#endif
  EXPECT_EQ(isa, Isa::baseline);
  return baseline::loops_float;
}

template <>
const FunctionLoops<double>& loops_of(Isa isa) {
#ifdef CHRONOGRAD_X86_SETS
  if (isa == Isa::avx512) return avx512::loops_double;
  if (isa == Isa::avx2) return avx2::loops_double;
#endif
  EXPECT_EQ(isa, Isa::baseline);
  return baseline::loops_double;
}

long double exact_exp(long double x) {
  return std::exp(x);
}
long double exact_tanh(long double x) {
  return std::tanh(x);
}
long double exact_sigmoid(long double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}
long double exact_softplus(long double x) {
  return std::fmax(x, 0.0L) + std::log1p(std::exp(-std::fabs(x)));
}

/// Distance between the numbers of type T around x.
template <class T>
long double spacing(long double x) {
  int exponent = 0;
  std::frexp(x, &exponent);
  const int lowest = std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits;
  return std::ldexp(1.0L, std::max(exponent - std::numeric_limits<T>::digits, lowest));
}

/// Numbers of every magnitude and sign, and densely those where the functions bend.
template <class T>
std::vector<T> inputs() {
  std::vector<T> x;
  for (int e = std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits;
       e < std::numeric_limits<T>::max_exponent; ++e)
    for (int k = 0; k < 8; ++k)
      for (T sign : {T(1), T(-1)}) x.push_back(sign * std::ldexp(T(1) + T(k) / T(7.3), e));
  const T edge = sizeof(T) == 4 ? T(110) : T(760);
  for (T range : {T(0.01), T(1), T(4), T(25), T(50), edge})
    for (int i = -15000; i <= 15000; ++i) x.push_back(range * (T(i) + T(0.37)) / T(15000));
  return x;
}

template <class T>
class Functions : public ::testing::Test {
 protected:
  using Loop = typename FunctionLoops<T>::Loop;

  static T once(Loop loop, T x) {
    T y = 0;
    loop(1, &x, &y);
    return y;
  }

  void compare(Loop FunctionLoops<T>::*function, long double (*exact)(long double), long double allowed) {
    const std::vector<T> x = inputs<T>();
    std::vector<long double> expected;
    for (T v : x) expected.push_back(exact(static_cast<long double>(v)));
    for (Isa isa : runnable_isas()) {
      std::vector<T> y(x.size(), T(-7));
      (loops_of<T>(isa).*function)(static_cast<int>(x.size()), x.data(), y.data());
      long double worst = 0;
      T at = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const T nearest = static_cast<T>(expected[i]);
        if (std::isinf(nearest) || std::isinf(y[i])) {
          // The border of overflow may be missed by the allowed error, no more.
          if (nearest != y[i]) {
            EXPECT_LT(std::fabs(static_cast<long double>(std::numeric_limits<T>::max()) - expected[i]),
                      4 * spacing<T>(std::numeric_limits<T>::max()))
                << "x = " << x[i] << ", " << name_of(isa);
          }
          continue;
        }
        const long double error = std::fabs(y[i] - expected[i]) / spacing<T>(expected[i]);
        if (!(error <= worst)) {
          worst = error;
          at = x[i];
        }
      }
      EXPECT_LE(worst, allowed) << "units in the last place, at x = " << at << ", " << name_of(isa);
      this->RecordProperty(name_of(isa), std::to_string(static_cast<double>(worst)));
    }
  }
};

using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Functions, Types);

TYPED_TEST(Functions, ExpIsExactToTwoUnits) {
  this->compare(&FunctionLoops<TypeParam>::exp, exact_exp, 2);
}
TYPED_TEST(Functions, TanhIsExactToThreeUnits) {
  this->compare(&FunctionLoops<TypeParam>::tanh, exact_tanh, 3);
}
TYPED_TEST(Functions, SigmoidIsExactToThreeUnits) {
  this->compare(&FunctionLoops<TypeParam>::sigmoid, exact_sigmoid, 3);
}
TYPED_TEST(Functions, SoftplusIsExactToThreeUnits) {
  this->compare(&FunctionLoops<TypeParam>::softplus, exact_softplus, 3);
}

TYPED_TEST(Functions, SineAndCosineAreExactToTwoUnitsOfOne) {
  using T = TypeParam;
  std::vector<T> x = {T(0)};
  for (T range : {T(1e-6), T(0.1), T(3.2), T(7), T(100), sizeof(T) == 4 ? T(1e4) : T(1e6)})
    for (int i = -20000; i <= 20000; ++i) x.push_back(range * (T(i) + T(0.37)) / T(20001));
  for (int i = -1000; i <= 1000; ++i) x.push_back(T(i) * T(0.78539816339744830962));  // where quadrants meet
  for (Isa isa : runnable_isas()) {
    std::vector<T> sine(x.size()), cosine(x.size());
    loops_of<T>(isa).sine(static_cast<int>(x.size()), x.data(), sine.data());
    loops_of<T>(isa).cosine(static_cast<int>(x.size()), x.data(), cosine.data());
    const long double allowed = 2 * spacing<T>(1.0L);
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_LE(std::fabs(sine[i] - std::sin(static_cast<long double>(x[i]))), allowed) << x[i] << name_of(isa);
      ASSERT_LE(std::fabs(cosine[i] - std::cos(static_cast<long double>(x[i]))), allowed) << x[i] << name_of(isa);
    }
    for (const T bad : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity()}) {
      EXPECT_TRUE(std::isnan(this->once(loops_of<T>(isa).sine, bad)));
      EXPECT_TRUE(std::isnan(this->once(loops_of<T>(isa).cosine, bad)));
    }
  }
}

TYPED_TEST(Functions, HaveTheRightLimits) {
  using T = TypeParam;
  const T inf = std::numeric_limits<T>::infinity();
  for (Isa isa : runnable_isas()) {
    const FunctionLoops<T>& f = loops_of<T>(isa);
    EXPECT_EQ(this->once(f.exp, inf), inf);
    EXPECT_EQ(this->once(f.exp, -inf), T(0));
    EXPECT_EQ(this->once(f.exp, T(0)), T(1));
    EXPECT_EQ(this->once(f.tanh, inf), T(1));
    EXPECT_EQ(this->once(f.tanh, -inf), T(-1));
    EXPECT_EQ(this->once(f.tanh, T(0)), T(0));
    EXPECT_TRUE(std::signbit(this->once(f.tanh, T(-0.0))));
    EXPECT_EQ(this->once(f.sigmoid, inf), T(1));
    EXPECT_EQ(this->once(f.sigmoid, -inf), T(0));
    EXPECT_EQ(this->once(f.sigmoid, T(0)), T(0.5));
    EXPECT_EQ(this->once(f.softplus, inf), inf);
    EXPECT_EQ(this->once(f.softplus, -inf), T(0));
    EXPECT_EQ(this->once(f.tanh, T(1e-20)), T(1e-20));
    EXPECT_EQ(this->once(f.tanh, std::numeric_limits<T>::denorm_min()), std::numeric_limits<T>::denorm_min());
  }
}

// Divergence is noticed by NaN in the outputs, in whichever lane of a vector it is.
TYPED_TEST(Functions, PassNanOn) {
  using T = TypeParam;
  const int n = 37;
  for (Isa isa : runnable_isas()) {
    const FunctionLoops<T>& f = loops_of<T>(isa);
    for (auto loop : {f.exp, f.tanh, f.sigmoid, f.softplus})
      for (int bad = 0; bad < n; ++bad)
        for (T nan : {std::numeric_limits<T>::quiet_NaN(), -std::numeric_limits<T>::quiet_NaN()}) {
          std::vector<T> x(n, T(0.5)), y(n);
          x[bad] = nan;
          loop(n, x.data(), y.data());
          for (int i = 0; i < n; ++i) ASSERT_EQ(std::isnan(y[i]), i == bad) << i << " of " << bad;
        }
  }
}

// A stream's numbers must not depend on where in the vector they are.
TYPED_TEST(Functions, GiveTheSameBitsInEveryLane) {
  using T = TypeParam;
  const int n = 67;
  for (Isa isa : runnable_isas()) {
    const FunctionLoops<T>& f = loops_of<T>(isa);
    for (auto loop : {f.exp, f.tanh, f.sigmoid, f.softplus})
      for (int k = 0; k < 200; ++k) {
        const std::vector<T> x(n, T(k - 100) / T(13));
        std::vector<T> y(n);
        loop(n, x.data(), y.data());
        for (int i = 0; i < n; ++i) ASSERT_EQ(y[i], y[0]) << "x = " << x[0] << ", " << name_of(isa);
      }
  }
}

}  // namespace
}  // namespace chronograd
