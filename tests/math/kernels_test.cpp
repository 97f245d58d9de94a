// SPDX-License-Identifier: Apache-2.0
// The hot loops against plain ones, for every instruction set. The numbers are multiples of 1/2 in [-1, 1], for which
// every sum here is exact in float32: results must be equal, whatever the order of additions.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "chronograd/buffer.hpp"
#include "every_isa.hpp"

namespace chronograd {
namespace {

/// A matrix at some offset inside a buffer; the numbers around it and between its rows are NaN: a kernel that reads
/// them spoils its result, one that writes them is seen.
template <class T>
class Padded {
 public:
  Padded(std::mt19937& random, int rows, int cols, bool real = false) : rows_(rows), cols_(cols) {
    ld_ = cols + static_cast<int>(random() % 5);
    offset_ = 17 + random() % 19;
    data_.assign(offset_ + static_cast<std::size_t>(rows) * ld_ + 40, std::numeric_limits<T>::quiet_NaN());
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < cols; ++j)
        (*this)(i, j) = real ? std::uniform_real_distribution<T>(-1, 1)(random) : T(int(random() % 5) - 2) / T(2);
  }
  T* at() { return data_.data() + offset_; }
  int ld() const { return ld_; }
  T& operator()(int i, int j) { return data_[offset_ + static_cast<std::size_t>(i) * ld_ + j]; }
  T& operator[](int j) { return data_[offset_ + static_cast<std::size_t>(j)]; }

  /// Largest difference, relative to `scale`; infinity if NaN stands in one of the two alone.
  double distance(const Padded& other, double scale = 1) const {
    double worst = 0;
    for (std::size_t i = 0; i < data_.size(); ++i) {
      if (std::isnan(data_[i]) != std::isnan(other.data_[i])) return std::numeric_limits<double>::infinity();
      if (!std::isnan(data_[i])) worst = std::fmax(worst, std::fabs(double(data_[i]) - double(other.data_[i])) / scale);
    }
    return worst;
  }

 private:
  int rows_, cols_, ld_;
  std::size_t offset_;
  std::vector<T> data_;
};

struct Sizes {
  int rows, cols;
  unsigned seed;
};

Sizes some_sizes() {
  return {*rc::gen::inRange(0, 45), *rc::gen::inRange(0, 150), *rc::gen::arbitrary<unsigned>()};
}

template <class T>
void each_table(const std::function<void(const Kernels<T>&)>& check) {
  for (Isa isa : runnable_isas()) {
    RC_LOG(std::string(name_of(isa)));
    check(*kernels_of<T>(isa));
  }
}

template <class T>
class KernelTables : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(KernelTables, Types);

TYPED_TEST(KernelTables, VectorsMatchPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const Sizes s = some_sizes();
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
    const Sizes s = some_sizes();
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

TYPED_TEST(KernelTables, TracesMatchPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const Sizes s = some_sizes();
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

TYPED_TEST(KernelTables, TracesOfSeveralStatesMatchPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const Sizes s = some_sizes();
    for (int S = 1; S <= 4; ++S)
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

TYPED_TEST(KernelTables, InfluenceStepMatchesPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const Sizes s = some_sizes();
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
        const int terms = static_cast<int>(random() % 12),
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

TYPED_TEST(KernelTables, RankOneStepMatchesPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const Sizes s = some_sizes();
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

TYPED_TEST(KernelTables, OptimisersMatchPlainLoops) {
  using T = TypeParam;
  EXPECT_TRUE(rc::check([] {
    const Sizes s = some_sizes();
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

// A run that diverges must be seen: infinity in, no finite number out.
TYPED_TEST(KernelTables, RankOneStepReportsInfinity) {
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
