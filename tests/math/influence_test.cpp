// SPDX-License-Identifier: Apache-2.0
// Steps of traces and of the influence matrix against plain loops, for every instruction set.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "plain_loops.hpp"

namespace chronograd {
namespace {

template <class T>
class InfluenceKernels : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(InfluenceKernels, Types);

TYPED_TEST(InfluenceKernels, TracesMatchPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const LoopSizes s = some_sizes();
    each_table<T>([&](const Kernels<T>& k) {
      std::mt19937 random(s.seed);
      Padded<T> e(random, s.rows, s.cols), g(random, s.rows, s.cols), x(random, 1, s.rows);
      Padded<T> carry(random, 4, s.cols), gain(random, 2, s.cols), credit(random, 2, s.cols);
      {
        Padded<T> trace = e, sum = g, trace_expected = e, expected = g;
        for (int j = 0; j < s.rows; ++j)
          for (int i = 0; i < s.cols; ++i) {
            trace_expected(j, i) = carry[i] * e(j, i) + x[j] * gain[i];
            expected(j, i) += credit[i] * trace_expected(j, i);
          }
        k.trace_step(s.rows, s.cols, carry.at(), gain.at(), x.at(), credit.at(), trace.at(), trace.ld(), sum.at(),
                     sum.ld());
        RC_ASSERT(trace.distance(trace_expected) == 0);
        RC_ASSERT(sum.distance(expected) == 0);
      }
      {
        Padded<T> sum = g, expected = g;
        for (int j = 0; j < s.rows; ++j)
          for (int i = 0; i < s.cols; ++i) expected(j, i) += credit[i] * e(j, i);
        k.trace_read(s.rows, s.cols, credit.at(), e.at(), e.ld(), sum.at(), sum.ld());
        RC_ASSERT(sum.distance(expected) == 0);
      }
    });
  }));
}

TYPED_TEST(InfluenceKernels, TracesOfSeveralStatesMatchPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const LoopSizes s = some_sizes();
    for (int S = 1; S <= 6; ++S)
      each_table<T>([&](const Kernels<T>& k) {
        std::mt19937 random(s.seed);
        const auto numbers = [&](int count) {
          std::vector<T> v(static_cast<std::size_t>(count));
          for (T& value : v) value = T(int(random() % 5) - 2) / T(2);
          return v;
        };
        const std::vector<T> l = numbers(S * S * s.cols), gain = numbers(S * s.cols), read = numbers(S * s.cols),
                             direct = numbers(s.cols), x = numbers(s.rows);
        // Traces one after the other, with a gap of NaN that must stay.
        const int lde = s.cols + 2, between = s.rows * lde + 3;
        std::vector<T> e(static_cast<std::size_t>(S * between), std::numeric_limits<T>::quiet_NaN());
        for (int r = 0; r < S; ++r)
          for (int j = 0; j < s.rows; ++j)
            for (int i = 0; i < s.cols; ++i) e[r * between + j * lde + i] = T(int(random() % 5) - 2) / T(2);
        Padded<T> g(random, s.rows, s.cols);
        Padded<T> sum = g;
        std::vector<T> expected = e;
        for (int j = 0; j < s.rows; ++j)
          for (int i = 0; i < s.cols; ++i) {
            sum(j, i) += x[j] * direct[i];
            for (int r = 0; r < S; ++r) {
              sum(j, i) += read[r * s.cols + i] * e[r * between + j * lde + i];
              T& to = expected[r * between + j * lde + i] = x[j] * gain[r * s.cols + i];
              for (int q = 0; q < S; ++q) to += l[(r * S + q) * s.cols + i] * e[q * between + j * lde + i];
            }
          }
        k.trace_step_many(S, s.rows, s.cols, l.data(), gain.data(), read.data(), direct.data(), x.data(), e.data(),
                          between, lde, g.at(), g.ld());
        RC_ASSERT(g.distance(sum) == 0);
        for (std::size_t at = 0; at < e.size(); ++at)
          RC_ASSERT((std::isnan(expected[at]) ? std::isnan(e[at]) : e[at] == expected[at]));
      });
  }));
}

TYPED_TEST(InfluenceKernels, InfluenceStepMatchesPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const LoopSizes s = some_sizes();
    RC_PRE(s.cols > 0);
    each_table<T>([&](const Kernels<T>& k) {
      const int width = (s.cols + k.lanes - 1) / k.lanes * k.lanes;
      std::mt19937 random(s.seed);
      Padded<T> credit(random, 1, s.rows);
      const auto number = [&] { return T(int(random() % 5) - 2) / T(2); };
      const T untouched = 7;
      const int stride = width + static_cast<int>(random() % 2) * k.lanes;
      const std::size_t size = static_cast<std::size_t>(s.rows) * stride + 1;  // the last one is nobody's
      std::vector<T> from(size), to(size, untouched), expected = to, value, read(width + 1, untouched), sums = read;
      for (T& v : from) v = number();
      std::vector<int> runs, source;
      for (int a = 0; a < s.rows;) {
        const int terms = static_cast<int>(random() % 40),
                  rows = std::min(1 + static_cast<int>(random() % 3), s.rows - a);
        runs.insert(runs.end(), {terms, rows});
        for (const int end = a + rows; a < end; ++a) {
          std::fill_n(expected.begin() + a * stride, width, T(0));
          for (int e = 0; e < terms; ++e) {
            source.push_back(static_cast<int>(random() % s.rows) * stride);
            value.push_back(number());
            for (int i = 0; i < width; ++i) expected[a * stride + i] += value.back() * from[source.back() + i];
          }
        }
      }
      std::fill_n(sums.begin(), width, T(0));
      for (int i = 0; i < width; ++i)
        for (int a = 0; a < s.rows; ++a) sums[i] += credit[a] * expected[a * stride + i];
      const std::vector<T> before = from;
      k.influence_step({width, stride, runs.data(), runs.data() + runs.size(), source.data(), value.data(), credit.at(),
                        from.data(), to.data(), from.data(), read.data()});
      RC_ASSERT(to == expected);
      RC_ASSERT(read == sums);
      RC_ASSERT(from == before);
    });
  }));
}

TYPED_TEST(InfluenceKernels, RankOneStepMatchesPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const LoopSizes s = some_sizes();
    each_table<T>([&](const Kernels<T>& k) {
      std::mt19937 random(s.seed);
      Padded<T> b(random, s.rows, s.cols), g(random, s.rows, s.cols), x(random, 1, s.rows), y(random, 1, s.cols);
      Padded<T> b_expected = b, g_expected = g;
      T squares = 0;
      for (int j = 0; j < s.rows; ++j)
        for (int i = 0; i < s.cols; ++i) {
          b_expected(j, i) = T(0.5) * b(j, i) + x[j] * y[i];
          g_expected(j, i) += T(1.5) * b_expected(j, i);
          squares += b_expected(j, i) * b_expected(j, i);
        }
      const T sum = k.rank_one_step(s.rows, s.cols, T(0.5), x.at(), y.at(), T(1.5), b.at(), b.ld(), g.at(), g.ld());
      RC_ASSERT(b.distance(b_expected) == 0);
      RC_ASSERT(g.distance(g_expected) == 0);
      RC_ASSERT(sum == squares);
    });
  }));
}

// A run that diverges must be seen: infinity in, no finite number out.
TYPED_TEST(InfluenceKernels, RankOneStepReportsInfinity) {
  using T = TypeParam;
  const T inf = std::numeric_limits<T>::infinity();
  for (Isa isa : runnable_isas())
    for (int cols = 1; cols < 40; ++cols) {
      std::vector<T> x = {inf}, y(cols, T(1)), b(cols, T(1)), g(cols, T(1));
      EXPECT_EQ(
          kernels_of<T>(isa)->rank_one_step(1, cols, T(0.5), x.data(), y.data(), T(1), b.data(), cols, g.data(), cols),
          inf);
    }
}

}  // namespace
}  // namespace chronograd
