// SPDX-License-Identifier: Apache-2.0
// Loops over vectors, products with one row and optimisers against plain loops, for every instruction set.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "plain_loops.hpp"

namespace chronograd {
namespace {

template <class T>
class KernelTables : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(KernelTables, Types);

TYPED_TEST(KernelTables, VectorsMatchPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const LoopSizes s = some_sizes();
    const int n = s.cols;
    each_table<T>([&](const Kernels<T>& k) {
      std::mt19937 random(s.seed);
      Padded<T> x(random, 1, n), a(random, 1, n), y(random, 1, n);
      const auto matches = [&](auto&& fast, auto&& plain) {
        Padded<T> got = y, expected = y;
        fast(got.at());
        for (int i = 0; i < n; ++i) expected[i] = plain(i);
        return got.distance(expected) == 0;
      };
      RC_ASSERT(matches([&](T* out) { k.scale(n, T(-1.5), out); }, [&](int i) { return T(-1.5) * y[i]; }));
      RC_ASSERT(matches([&](T* out) { k.add(n, x.at(), out); }, [&](int i) { return y[i] + x[i]; }));
      RC_ASSERT(matches([&](T* out) { k.axpy(n, T(2.5), x.at(), out); }, [&](int i) { return y[i] + T(2.5) * x[i]; }));
      RC_ASSERT(matches([&](T* out) { k.multiply(n, x.at(), out); }, [&](int i) { return y[i] * x[i]; }));
      RC_ASSERT(
          matches([&](T* out) { k.multiply_add(n, a.at(), x.at(), out); }, [&](int i) { return y[i] + a[i] * x[i]; }));
      Padded<T> other = a;
      RC_ASSERT(matches([&](T* out) { k.axpy_pair(n, x.at(), T(2), out, T(3), other.at()); },
                        [&](int i) { return y[i] + T(2) * x[i]; }));
      RC_ASSERT(matches([&](T* out) { k.axpy_pair(n, x.at(), T(2), other.at(), T(3), out); },
                        [&](int i) { return y[i] + T(3) * x[i]; }));
      std::vector<int> index(static_cast<std::size_t>(n) + 1);
      for (int& i : index) i = static_cast<int>(random() % static_cast<unsigned>(n + 1));
      std::vector<T> far(static_cast<std::size_t>(n) + 1, T(0.5));
      std::copy_n(x.at(), n, far.begin());
      RC_ASSERT(
          matches([&](T* out) { k.gather(n, index.data(), far.data(), out); }, [&](int i) { return far[index[i]]; }));
      RC_ASSERT(matches([&](T* out) { k.gather_add(n, index.data(), far.data(), out); },
                        [&](int i) { return y[i] + far[index[i]]; }));
      std::vector<std::uint64_t> bits(static_cast<std::size_t>(n) / 64 + 1);
      for (std::uint64_t& word : bits) word = std::uint64_t{random()} << 32 | random();
      Padded<T> kept = y, chosen = y;
      for (int i = 0; i < n; ++i)
        if (!(bits[static_cast<std::size_t>(i / 64)] >> (i % 64) & 1)) {
          kept[i] = std::numeric_limits<T>::quiet_NaN();  // goes too
          chosen[i] = 0;
        }
      k.keep(n, bits.data(), kept.at());
      RC_ASSERT(kept.distance(chosen) == 0);
      T dot = 0, norm = 0;
      for (int i = 0; i < n; ++i) {
        dot += x[i] * y[i];
        norm += x[i] * x[i];
      }
      RC_ASSERT(k.dot(n, x.at(), y.at()) == dot);
      RC_ASSERT(k.squared_norm(n, x.at()) == norm);
    });
  }));
}

TYPED_TEST(KernelTables, RowsAndColumnsMatchPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const LoopSizes s = some_sizes();
    each_table<T>([&](const Kernels<T>& k) {
      std::mt19937 random(s.seed);
      Padded<T> w(random, s.rows, s.cols), row(random, 1, s.rows), column(random, 1, s.cols);
      for (T beta : {T(0), T(1)}) {
        Padded<T> y = column, expected = column;
        for (int i = 0; i < s.cols; ++i) {
          expected[i] *= beta;
          for (int j = 0; j < s.rows; ++j) expected[i] += row[j] * w(j, i);
          // With beta = 0 what was there must not be read.
          if (beta == T(0)) y[i] = std::numeric_limits<T>::quiet_NaN();
        }
        k.row_times(s.rows, s.cols, row.at(), w.at(), w.ld(), beta, y.at());
        RC_ASSERT(y.distance(expected) == 0);

        Padded<T> z = row, sums = row;
        for (int j = 0; j < s.rows; ++j) {
          sums[j] *= beta;
          for (int i = 0; i < s.cols; ++i) sums[j] += w(j, i) * column[i];
          if (beta == T(0)) z[j] = std::numeric_limits<T>::quiet_NaN();
        }
        k.times_column(s.rows, s.cols, w.at(), w.ld(), column.at(), beta, z.at());
        RC_ASSERT(z.distance(sums) == 0);
      }
      Padded<T> g = w, expected = w;
      for (int j = 0; j < s.rows; ++j)
        for (int i = 0; i < s.cols; ++i) expected(j, i) += row[j] * column[i];
      k.outer_add(s.rows, s.cols, row.at(), column.at(), g.at(), g.ld());
      RC_ASSERT(g.distance(expected) == 0);
    });
  }));
}

TEST(Bf16, is_rounded_to_the_nearest_and_kept) {
  const auto back = [](float x) { return static_cast<float>(Bf16(x)); };
  for (const float x : {0.0F, -0.0F, 1.0F, -2.5F, 0x1.02p-3F, 0x1p-130F, std::numeric_limits<float>::infinity()})
    EXPECT_EQ(back(x), x);
  EXPECT_EQ(back(0x1.01p0F), 1.0F);       // half way: to the even one
  EXPECT_EQ(back(0x1.03p0F), 0x1.04p0F);  // likewise
  EXPECT_EQ(back(0x1.0101p0F), 0x1.02p0F);
  EXPECT_EQ(back(std::numeric_limits<float>::max()), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(back(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(std::isnan(back(std::bit_cast<float>(0x7f800001U))));
}

TEST(Bf16, is_the_same_in_every_table) {
  std::mt19937 random(5);
  for (const Isa isa : runnable_isas()) {
    const Kernels<float>& k = *kernels_of<float>(isa);
    for (const int n : {0, 1, 3, 15, 16, 17, 63, 64, 200}) {
      std::vector<float> x(static_cast<std::size_t>(n)), y(x.size() + 1, 7.0F);
      for (float& value : x) value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
      if (n > 2) x[2] = std::numeric_limits<float>::infinity();
      std::vector<Bf16> half(x.size() + 1, Bf16(7.0F));
      k.narrow(n, x.data(), half.data());
      k.widen(n, half.data(), y.data());
      for (std::size_t i = 0; i < x.size(); ++i)
        EXPECT_EQ(std::bit_cast<std::uint32_t>(y[i]), std::bit_cast<std::uint32_t>(static_cast<float>(Bf16(x[i]))));
      EXPECT_EQ(y.back(), 7.0F);
      EXPECT_EQ(static_cast<float>(half.back()), 7.0F);
    }
    for (const int rows : {0, 1, 7, 8, 21})
      for (const int cols : {1, 16, 100, 5000}) {
        const std::ptrdiff_t ld = cols + 3;
        std::vector<Bf16> w(static_cast<std::size_t>(rows * ld), Bf16(std::numeric_limits<float>::quiet_NaN()));
        std::vector<float> row(static_cast<std::size_t>(rows)), y(static_cast<std::size_t>(cols), 1.0F), expected = y;
        for (float& value : row) value = static_cast<float>(int(random() % 5) - 2) / 2;
        for (int j = 0; j < rows; ++j)
          for (int i = 0; i < cols; ++i) {
            const float value = static_cast<float>(int(random() % 5) - 2) / 2;
            w[static_cast<std::size_t>(j * ld + i)] = Bf16(value);
            expected[static_cast<std::size_t>(i)] += row[static_cast<std::size_t>(j)] * value;
          }
        k.far_row_times(rows, cols, row.data(), w.data(), ld, y.data());
        EXPECT_EQ(y, expected) << rows << " x " << cols;
      }
  }
}

TYPED_TEST(KernelTables, RowsTimesMatricesBeyondTheCachesSumInTheSameOrder) {
  using T = TypeParam;
  std::mt19937 random(3);
  std::uniform_real_distribution<T> any(-1, 1);
  constexpr int rows = 37, cols = 120100, chunk = 128;
  std::vector<T> x(rows), w(std::size_t{rows} * cols), begun(cols);
  for (std::vector<T>* numbers : {&x, &w, &begun})
    for (T& number : *numbers) number = any(random);
  for (const Isa isa : runnable_isas()) {
    const Kernels<T>& k = *kernels_of<T>(isa);
    std::vector<T> whole = begun, cut = begun;
    k.row_times(rows, cols, x.data(), w.data(), cols, T(1), whole.data());
    for (int c = 0; c < cols; c += chunk)
      k.row_times(rows, std::min(chunk, cols - c), x.data(), w.data() + c, cols, T(1), cut.data() + c);
    EXPECT_EQ(whole, cut) << name_of(isa);
  }
}

TYPED_TEST(KernelTables, OptimisersMatchPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const LoopSizes s = some_sizes();
    const int n = s.cols;
    const double near = 8 * double(std::numeric_limits<T>::epsilon());
    each_table<T>([&](const Kernels<T>& k) {
      std::mt19937 random(s.seed);
      Padded<T> theta(random, 1, n, true), grad(random, 1, n, true), m(random, 1, n, true), v(random, 1, n, true);
      for (int i = 0; i < n; ++i) v[i] = std::fabs(v[i]) + T(0.01);
      Padded<T> zero = grad;
      for (int i = 0; i < n; ++i) zero[i] = 0;
      const T lr = T(0.01), b1 = T(0.9), b2 = T(0.99), epsilon = T(1e-3), root = T(1.25), decay = T(0.002);
      {
        Padded<T> t = theta, g = grad, expected = theta;
        for (int i = 0; i < n; ++i) expected[i] -= lr * grad[i];
        k.sgd(n, lr, t.at(), g.at());
        RC_ASSERT(t.distance(expected) < near);
        RC_ASSERT(g.distance(zero) == 0);
      }
      {
        Padded<T> t = theta, g = grad, velocity = m, expected = theta, velocity_expected = m;
        for (int i = 0; i < n; ++i) {
          velocity_expected[i] = b1 * m[i] + grad[i];
          expected[i] -= lr * velocity_expected[i];
        }
        k.momentum(n, lr, b1, velocity.at(), t.at(), g.at());
        RC_ASSERT(velocity.distance(velocity_expected) < near);
        RC_ASSERT(t.distance(expected) < near);
        RC_ASSERT(g.distance(zero) == 0);
      }
      {
        Padded<T> t = theta, g = grad, mean = v, expected = theta, mean_expected = v;
        for (int i = 0; i < n; ++i) {
          mean_expected[i] = b1 * v[i] + (1 - b1) * grad[i] * grad[i];
          expected[i] -= lr * grad[i] / (std::sqrt(mean_expected[i]) + epsilon);
        }
        k.rmsprop(n, lr, b1, epsilon, mean.at(), t.at(), g.at());
        RC_ASSERT(mean.distance(mean_expected) < near);
        RC_ASSERT(t.distance(expected) < near);
        RC_ASSERT(g.distance(zero) == 0);
      }
      Padded<T> t = theta, g = grad, first = m, second = v, expected = theta, m_expected = m, v_expected = v;
      for (int i = 0; i < n; ++i) {
        m_expected[i] = b1 * m[i] + (1 - b1) * grad[i];
        v_expected[i] = b2 * v[i] + (1 - b2) * grad[i] * grad[i];
        expected[i] = theta[i] * (1 - decay) - lr * m_expected[i] / (std::sqrt(v_expected[i]) * root + epsilon);
      }
      k.adam(n, lr, b1, b2, root, epsilon, decay, first.at(), second.at(), t.at(), g.at());
      RC_ASSERT(first.distance(m_expected) < near);
      RC_ASSERT(second.distance(v_expected) < near);
      RC_ASSERT(t.distance(expected) < near);
      RC_ASSERT(g.distance(zero) == 0);
    });
  }));
}

// With real numbers, where the order of additions shows: the same bits wherever the arrays lie.
TYPED_TEST(KernelTables, BitsDoNotDependOnAddresses) {
  using T = TypeParam;
  const int rows = 37, cols = 75;
  for (Isa isa : runnable_isas()) {
    const Kernels<T>& k = *kernels_of<T>(isa);
    std::vector<T> first;
    for (std::size_t shift = 0; shift < 20; ++shift) {
      std::mt19937 random(5);
      const auto values = [&](std::size_t n, std::size_t offset) {
        std::vector<T> v(n + 64);
        for (std::size_t i = 0; i < n; ++i) v[offset + i] = std::uniform_real_distribution<T>(-1, 1)(random);
        return v;
      };
      std::vector<T> w = values(rows * cols, shift), g = values(rows * cols, 3 * shift % 20);
      std::vector<T> x = values(cols, 7 * shift % 20), y = values(cols, shift / 2);
      T *pw = w.data() + shift, *pg = g.data() + 3 * shift % 20, *px = x.data() + 7 * shift % 20,
        *py = y.data() + shift / 2;
      std::vector<T> out(3 + rows + cols);
      out[0] = k.dot(cols, px, py);
      out[1] = k.squared_norm(rows * cols, pw);
      k.times_column(rows, cols, pw, cols, px, 0, out.data() + 3);
      k.row_times(rows, cols, px, pw, cols, 0, out.data() + 3 + rows);
      k.trace_step(rows, cols, px, py, px, py, pw, cols, pg, cols);
      out[2] = k.rank_one_step(rows, cols, T(0.7), px, py, T(0.3), pw, cols, pg, cols);
      std::vector<T> m = values(cols, shift / 3), v(cols + shift % 5, T(0.5));
      k.adam(cols, T(0.1), T(0.9), T(0.99), T(1), T(1), T(0), m.data() + shift / 3, v.data() + shift % 5, px, py);
      out.insert(out.end(), pw, pw + rows * cols);
      out.insert(out.end(), pg, pg + rows * cols);
      out.insert(out.end(), px, px + cols);
      if (first.empty()) first = out;
      EXPECT_EQ(first, out) << name_of(isa) << ' ' << shift;
    }
  }
}

}  // namespace
}  // namespace chronograd
