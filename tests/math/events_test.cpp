// SPDX-License-Identifier: Apache-2.0
// Sums over the numbers that are not zero against plain loops, and when they are few.
#include "math/events.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "math/gemm.hpp"
#include "math/work.hpp"

namespace chronograd {
namespace {

template <class T>
class Events : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Events, Types);

/// (rows, cols) at distance ld, each number other than zero with a chance.
template <class T>
std::vector<T> numbers(std::mt19937& random, int rows, int ld, double share) {
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<T> all(static_cast<std::size_t>(rows * ld));
  for (T& x : all) x = std::fabs(uniform(random)) < share ? static_cast<T>(uniform(random)) : T(0);
  return all;
}

TYPED_TEST(Events, AddUpToTheProduct) {
  using T = TypeParam;
  const double tolerance = sizeof(T) == 4 ? 1e-6 : 1e-14;
  std::mt19937 random(1);
  for (const int rows : {1, 3, 40})
    for (const int inner : {1, 15, 16, 17, 140})
      for (const double share : {0.0, 0.05, 1.0}) {
        const int cols = 33, lda = inner + 3, ldc = cols + 2;
        const auto a = numbers<T>(random, rows, lda, share), b = numbers<T>(random, inner, cols, 1);
        auto c = numbers<T>(random, rows, ldc, 1), expected = c;
        gemm(Op::none, Op::none, rows, cols, inner, a.data(), lda, b.data(), cols, T(1), expected.data(), ldc);
        add_events(rows, cols, inner, a.data(), lda, b.data(), cols, c.data(), ldc);
        for (std::size_t i = 0; i < c.size(); ++i) ASSERT_NEAR(c[i], expected[i], tolerance * std::sqrt(inner + 1));
        const auto d = numbers<T>(random, rows, cols, 1);
        auto g = numbers<T>(random, inner, ldc, 1);
        expected = g;
        gemm(Op::transposed, Op::none, inner, cols, rows, a.data(), lda, d.data(), cols, T(1), expected.data(), ldc);
        add_transposed_events(inner, cols, rows, a.data(), lda, d.data(), cols, g.data(), ldc);
        for (std::size_t i = 0; i < g.size(); ++i) ASSERT_NEAR(g[i], expected[i], tolerance * std::sqrt(rows + 1));
      }
}

TYPED_TEST(Events, AreCountedWhateverTheMachine) {
  using T = TypeParam;
  const int cols = 70, line = 64 / static_cast<int>(sizeof(T));
  std::vector<T> a(static_cast<std::size_t>(2 * cols));
  EXPECT_TRUE(few_differ_from_zero(2, cols, a.data(), cols));
  EXPECT_TRUE(few_differ_from_zero(2, 0, a.data(), cols));
  for (int i = 0; i < 20; ++i) a[static_cast<std::size_t>(7 * i)] = 1;  // a seventh
  EXPECT_TRUE(few_differ_from_zero(2, cols, a.data(), cols));
  a[1] = T(1e-30);
  EXPECT_FALSE(few_differ_from_zero(2, cols, a.data(), cols));
  std::vector<T> full(static_cast<std::size_t>(100 * cols));
  for (int i = 0; i < line; ++i) full[static_cast<std::size_t>(i)] = 1;
  EXPECT_FALSE(few_differ_from_zero(100, cols, full.data(), cols)) << "a full line";
  full[0] = 0;
  EXPECT_EQ(few_differ_from_zero(100, cols, full.data(), cols), line - 1 <= cols / 2) << "or half a row";
}

TYPED_TEST(Events, CountAsTheProductThatTheyStandFor) {
  using T = TypeParam;
  std::mt19937 random(2);
  const auto a = numbers<T>(random, 6, 50, 0.1), b = numbers<T>(random, 50, 8, 1);
  std::vector<T> c(48), g(400);
  const WorkCount count;
  add_events(6, 8, 50, a.data(), 50, b.data(), 8, c.data(), 8);
  EXPECT_EQ(count.multiplications(), 6 * 8 * 50);
  add_transposed_events(50, 8, 6, a.data(), 50, c.data(), 8, g.data(), 8);
  EXPECT_EQ(count.multiplications(), 2 * 6 * 8 * 50);
}

}  // namespace
}  // namespace chronograd
