// SPDX-License-Identifier: Apache-2.0
// Products against plain loops. The numbers are multiples of 1/2 in [-1, 1]: every sum is exact, so that results must
// be equal whichever library computes them. The program is run once for each instruction set.
#include "math/gemm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "every_isa.hpp"
#include "math/gemm_parts.hpp"
#include "math/panels.hpp"

namespace chronograd {
namespace {

template <class T>
std::vector<T> halves(std::mt19937& random, int rows, int cols, int ld) {
  std::vector<T> v(static_cast<std::size_t>(rows) * ld + 3, std::numeric_limits<T>::quiet_NaN());
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < cols; ++j) v[static_cast<std::size_t>(i) * ld + j] = T(int(random() % 5) - 2) / T(2);
  return v;
}

/// Equal numbers, and NaN in the same places (outside of the matrices).
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i])))) return false;
  return a.size() == b.size();
}

struct Shape {
  Op op_a, op_b;
  int rows, cols, inner, pad_a, pad_b, pad_c;
  bool add;
  unsigned seed;
};

/// Whether `product`, called like gemm, gives what plain loops give and touches nothing else.
template <class T, class Product>
bool is_right(const Shape& s, Product product) {
  std::mt19937 random(s.seed);
  const bool ta = s.op_a == Op::transposed, tb = s.op_b == Op::transposed;
  const int rows_a = ta ? s.inner : s.rows, cols_a = ta ? s.rows : s.inner;
  const int rows_b = tb ? s.cols : s.inner, cols_b = tb ? s.inner : s.cols;
  const int lda = std::max(1, cols_a + s.pad_a), ldb = std::max(1, cols_b + s.pad_b),
            ldc = std::max(1, s.cols + s.pad_c);
  const std::vector<T> a = halves<T>(random, rows_a, cols_a, lda), b = halves<T>(random, rows_b, cols_b, ldb);
  std::vector<T> c = halves<T>(random, s.rows, s.cols, ldc), expected = c;
  for (int i = 0; i < s.rows; ++i) {
    T* sum = expected.data() + std::size_t(i) * ldc;
    for (int j = 0; j < s.cols && !s.add; ++j) {
      sum[j] = 0;
      // With beta = 0 what was there must not be read.
      c[std::size_t(i) * ldc + j] = std::numeric_limits<T>::quiet_NaN();
    }
    for (int k = 0; k < s.inner; ++k) {
      const T factor = a[ta ? std::size_t(k) * lda + i : std::size_t(i) * lda + k];
      if (tb) {
        for (int j = 0; j < s.cols; ++j) sum[j] += factor * b[std::size_t(j) * ldb + k];
      } else {
        for (int j = 0; j < s.cols; ++j) sum[j] += factor * b[std::size_t(k) * ldb + j];
      }
    }
  }
  product(s.op_a, s.op_b, s.rows, s.cols, s.inner, a.data(), lda, b.data(), ldb, T(s.add ? 1 : 0), c.data(), ldc);
  return same(c, expected);
}

Shape some_shape(int least) {
  const auto size = [least] {
    return *rc::gen::weightedOneOf<int>({{1, rc::gen::inRange(least, 4)}, {3, rc::gen::inRange(least, 70)}});
  };
  const auto pad = [] { return *rc::gen::inRange(0, 4); };
  const auto op = [] { return *rc::gen::arbitrary<bool>() ? Op::transposed : Op::none; };
  return {op(),
          op(),
          size(),
          size(),
          size(),
          pad(),
          pad(),
          pad(),
          *rc::gen::arbitrary<bool>(),
          *rc::gen::arbitrary<unsigned>()};
}

template <class T>
class Gemm : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Gemm, Types);

TYPED_TEST(Gemm, MatchesPlainLoops) {
  EXPECT_TRUE(rc::check([] {
    for (int repeat = 0; repeat < 4; ++repeat) RC_ASSERT(is_right<TypeParam>(some_shape(0), gemm<TypeParam>));
  }));
}

TYPED_TEST(Gemm, PartsOfEverySetMatchPlainLoops) {
  EXPECT_TRUE(rc::check([] {
    const Shape s = some_shape(1);
    for (Isa isa : runnable_isas()) {
      RC_LOG(std::string(name_of(isa)));
      const GemmParts<TypeParam>& parts = *gemm_parts_of<TypeParam>(isa);
      RC_ASSERT(is_right<TypeParam>(s, parts.product));

      std::mt19937 random(s.seed);
      const int ld = s.cols + s.pad_a, ld_to = s.rows + s.pad_b;
      const std::vector<TypeParam> from = halves<TypeParam>(random, s.rows, s.cols, ld);
      std::vector<TypeParam> to = halves<TypeParam>(random, s.cols, s.rows, ld_to), expected = to;
      for (int i = 0; i < s.rows; ++i)
        for (int j = 0; j < s.cols; ++j) expected[std::size_t(j) * ld_to + i] = from[std::size_t(i) * ld + j];
      parts.transpose(s.rows, s.cols, from.data(), ld, to.data(), ld_to);
      RC_ASSERT(same(to, expected));
    }
  }));
}

TYPED_TEST(Gemm, MatchesPlainLoopsWhereEachLibraryTakesOver) {
  const int sizes[][3] = {{300, 300, 300},  {35, 520, 1400}, {161, 128, 512},
                          {129, 1000, 128}, {1, 700, 400},   {700, 1, 400}};
  unsigned seed = 1;
  for (const auto& n : sizes)
    for (Op op_a : {Op::none, Op::transposed})
      for (Op op_b : {Op::none, Op::transposed}) {
        const Shape s = {op_a, op_b, n[0], n[1], n[2], 1, 0, 2, seed % 2 == 0, seed};
        ++seed;
        EXPECT_TRUE(is_right<TypeParam>(s, gemm<TypeParam>))
            << n[0] << ' ' << n[1] << ' ' << n[2] << " seed " << s.seed;
      }
}

TYPED_TEST(Gemm, MatchesPlainLoopsWithAFactorThatIsKept) {
  using T = TypeParam;
  std::vector<T> panels;
  for (const auto& [rows, cols, inner] :
       {std::array{32, 161, 70}, {8, 31, 300}, {5, 64, 1}, {1, 1, 33}, {230, 97, 128}})
    for (Op op_b : {Op::none, Op::transposed})
      for (bool add : {false, true}) {
        const Shape s = {Op::none, op_b, rows, cols, inner, 3, 2, 1, add, 7};
        EXPECT_TRUE(is_right<T>(
            s,
            [&](Op, Op op, int m, int n, int k, const T* a, int lda, const T* b, int ldb, T beta, T* c, int ldc) {
              panels.assign(static_cast<std::size_t>(k) * n, T(0));
              to_panels(op, k, n, b, ldb, panels.data());
              times_panels(m, n, k, a, lda, panels.data(), beta, c, ldc);
            }))
            << rows << ' ' << cols << ' ' << inner;
      }
}

template <class T>
std::vector<T> product_at(std::size_t shift, Op op_a, Op op_b, int rows, int cols, int inner) {
  std::mt19937 random(3);
  std::uniform_real_distribution<T> any(-1, 1);
  std::vector<T> a(rows * inner + shift), b(inner * cols + 3 * shift), c(rows * cols + 5 * shift);
  for (std::size_t i = shift; i < a.size(); ++i) a[i] = any(random);
  for (std::size_t i = 3 * shift; i < b.size(); ++i) b[i] = any(random);
  gemm<T>(op_a, op_b, rows, cols, inner, a.data() + shift, op_a == Op::none ? inner : rows, b.data() + 3 * shift,
          op_b == Op::none ? cols : inner, T(0), c.data() + 5 * shift, cols);
  return {c.begin() + static_cast<std::ptrdiff_t>(5 * shift), c.end()};
}

// With real numbers, where the order of additions shows.
TYPED_TEST(Gemm, BitsDoNotDependOnAddressesOrThreads) {
  using T = TypeParam;
  const int sizes[][3] = {{2, 3, 4}, {5, 6, 7}, {7, 33, 20}, {32, 41, 37}, {300, 300, 300}};
  for (const auto& n : sizes)
    for (Op op_a : {Op::none, Op::transposed})
      for (Op op_b : {Op::none, Op::transposed}) {
        const std::vector<T> expected = product_at<T>(0, op_a, op_b, n[0], n[1], n[2]);
        for (std::size_t shift : {1, 2, 3, 5, 8})
          EXPECT_EQ(product_at<T>(shift, op_a, op_b, n[0], n[1], n[2]), expected) << n[0] << ' ' << shift;
        std::vector<T> other;
        std::thread([&] { other = product_at<T>(4, op_a, op_b, n[0], n[1], n[2]); }).join();
        EXPECT_EQ(other, expected);
      }
}

// Two runs side by side must not share threads or fight for processors.
TEST(GemmThreads, NoneIsStarted) {
  const std::filesystem::path tasks = "/proc/self/task";
  if (!std::filesystem::exists(tasks)) GTEST_SKIP() << "no " << tasks;
  const auto count = [&] {
    return std::distance(std::filesystem::directory_iterator(tasks), std::filesystem::directory_iterator());
  };
  const auto before = count();
  product_at<float>(0, Op::none, Op::none, 400, 400, 400);
  product_at<double>(0, Op::none, Op::none, 400, 400, 400);
  EXPECT_EQ(count(), before);
}

TEST(GemmLibraries, AreNamedWithVersions) {
  EXPECT_THAT(gemm_libraries(), ::testing::MatchesRegex("Eigen [0-9.]+(, [A-Za-z]+ [0-9.]+)*"));
}

}  // namespace
}  // namespace chronograd
