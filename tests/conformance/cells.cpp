// SPDX-License-Identifier: Apache-2.0
// What every cell must keep to: its products are those of the Jacobian of its own forward pass.
#include <gtest/gtest.h>

#include "conformance/cell_line.hpp"
#include "conformance/jumps.hpp"

namespace chronograd::conformance {
namespace {

// Central differences of a step h = 1e-5 of functions with third derivatives of order 1 err by h^2 = 1e-10, rounding by
// 1e-16 / h = 1e-11, times the number of terms (at most a few hundred): 1e-8 is far from both and from any mistake.
constexpr double step = 1e-5, difference_tolerance = 1e-8;
constexpr double exact_tolerance = 1e-12;  // rounding of sums of at most a few hundred products

class CellConformance : public testing::TestWithParam<CellKind> {};

std::vector<double> moved(const std::vector<double>& a, double by, const std::vector<double>& along) {
  std::vector<double> result = a;
  for (std::size_t i = 0; i < a.size(); ++i) result[i] += by * along[i];
  return result;
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  const double limit = tolerance * std::max(1.0, largest(b));
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], limit) << i;
}

TEST_P(CellConformance, push_is_the_derivative_of_forward) {
  if (jumps(*GetParam().record)) return;
  for (const int d : awkward_sizes())
    for (const int B : {1, 3}) {
      SCOPED_TRACE("d = " + std::to_string(d) + ", B = " + std::to_string(B));
      CellLine<double> line(GetParam(), d, 2, B, 1, 7 + d);
      std::mt19937_64 source(99);
      const auto state = line.before(), v = normals(source, state.size(), 1);
      const auto high = line.run(moved(state, step, v)), low = line.run(moved(state, -step, v));
      line.run(state);
      std::vector<double> jv(v.size()), expected(v.size());
      line.cell.push(line.segment, 0, v.data(), jv.data());
      for (std::size_t i = 0; i < v.size(); ++i) expected[i] = (high[i] - low[i]) / (2 * step);
      expect_near(jv, expected, difference_tolerance);
    }
}

TEST_P(CellConformance, pull_is_the_adjoint_of_push) {
  for (const int d : awkward_sizes())
    for (const int B : {1, 5}) {
      SCOPED_TRACE("d = " + std::to_string(d) + ", B = " + std::to_string(B));
      CellLine<double> line(GetParam(), d, 3, B, 6, 17 + d);
      line.run(line.before());
      std::mt19937_64 source(5);
      for (int k = 0; k < 6; ++k) {
        const auto v = normals(source, line.before().size(), 1), q = normals(source, B * line.cell.shown_width(), 1);
        const int h = line.cell.shown_width(), shown = line.cell.shown() * d;
        auto lambda = normals(source, v.size(), 1);
        auto total = lambda;
        for (int b = 0; b < B; ++b)
          for (int i = 0; i < h; ++i) total[b * line.width() + shown + i] += q[b * h + i];
        std::vector<double> jv(v.size()), e(B * line.cell.rows()), back(B * h, 0.25);
        line.cell.push(line.segment, k, v.data(), jv.data());
        line.cell.pull(line.segment, k, Recurrent::full, lambda.data(), q.data(), e.data(), back.data());
        for (int b = 0; b < B; ++b)  // what stood there before stays, on top of it comes the credit
          for (int i = 0; i < h; ++i) lambda[b * line.width() + i] += back[b * h + i] - 0.25;
        EXPECT_NEAR(dot(total, jv), dot(lambda, v), exact_tolerance * B * d * std::max(1.0, largest(jv)));
      }
    }
}

TEST_P(CellConformance, accumulate_is_the_derivative_by_the_weights) {
  if (jumps(*GetParam().record)) return;
  for (const int d : {1, 3, 8, 17})
    for (const int B : {1, 3}) {
      SCOPED_TRACE("d = " + std::to_string(d) + ", B = " + std::to_string(B));
      CellLine<double> line(GetParam(), d, 2, B, 1, 27 + d);
      std::mt19937_64 source(3);
      const auto state = line.before();
      const auto theta = line.theta, along = normals(source, theta.size(), 1 / std::sqrt(d));
      auto lambda = normals(source, state.size(), 1);
      const auto credit = lambda;
      line.theta = moved(theta, step, along);
      line.segment.theta = line.theta.data();
      const double high = dot(credit, line.run(state));
      line.theta = moved(theta, -step, along);
      line.segment.theta = line.theta.data();
      const double low = dot(credit, line.run(state));
      line.theta = theta;
      line.segment.theta = line.theta.data();
      line.run(state);
      std::vector<double> q(B * line.cell.shown_width()), e(B * line.cell.rows()), grad(theta.size(), 0.5);
      line.cell.pull(line.segment, 0, Recurrent::none, lambda.data(), q.data(), e.data(), nullptr);
      line.cell.accumulate(line.segment, 0, 1, e.data(), grad.data());
      for (double& g : grad) g -= 0.5;  // it adds
      EXPECT_NEAR(dot(grad, along), (high - low) / (2 * step), difference_tolerance * B * d);
    }
}

TEST_P(CellConformance, accumulate_sums_over_steps) {
  const int d = 9, B = 2, K = 4;
  CellLine<double> line(GetParam(), d, 2, B, K, 3);
  line.run(line.before());
  std::mt19937_64 source(8);
  const auto e = normals(source, K * B * line.cell.rows(), 1);
  std::vector<double> at_once(line.theta.size()), one_by_one(line.theta.size());
  line.cell.accumulate(line.segment, 1, K, e.data(), at_once.data());
  for (int k = 1; k < K; ++k)
    line.cell.accumulate(line.segment, k, k + 1, e.data() + (k - 1) * B * line.cell.rows(), one_by_one.data());
  expect_near(at_once, one_by_one, exact_tolerance);
}

TEST_P(CellConformance, linearise_splits_the_jacobian) {
  const int d = 5, B = 2;
  CellLine<double> line(GetParam(), d, 2, B, 1, 31);
  const Cell<double>& cell = line.cell;
  line.run(line.before());
  const int S = cell.states(), G = cell.gates(), H = cell.record().heads;
  std::vector<double> local(B * S * S * d), own(B * S * S * d), gain(B * S * G * d), same(B * S * G * d);
  cell.linearise(line.segment, 0, Recurrent::none, local.data(), gain.data());
  cell.linearise(line.segment, 0, Recurrent::own, own.data(), same.data());
  EXPECT_EQ(gain, same);
  double h_column = 0;
  for (int r = 0; r < B * S; ++r)
    for (int i = 0; i < H * d; ++i) h_column = std::max(h_column, std::abs(local[(r * S) * d + i]));
  EXPECT_EQ(h_column > 0, cell.record().h_carries);
  for (int column = 0; column < S * d; ++column) {
    std::vector<double> v(B * S * d), jv(B * S * d);
    for (int b = 0; b < B; ++b) v[b * S * d + column] = 1;
    cell.push(line.segment, 0, v.data(), jv.data());
    const int s = column / d, j = column % d;
    for (int b = 0; b < B; ++b)
      for (int r = 0; r < S; ++r)
        for (int i = 0; i < d; ++i) {
          double expected = i == j ? local[((b * S + r) * S + s) * d + i] : 0;
          for (int g = 0; g < G && s < H; ++g)
            if (cell.exists(g * d + i, column))
              expected += gain[((b * S + r) * G + g) * d + i] * line.theta[cell.index(g * d + i, column)];
          const double found = jv[(b * S + r) * d + i];
          if (i != j || s >= H || !cell.record().self) {  // what a unit does to itself through its h is in `own`
            EXPECT_NEAR(found, expected, exact_tolerance);
          }
          if (i == j) {
            EXPECT_NEAR(own[((b * S + r) * S + s) * d + i], found, exact_tolerance);
          }
        }
  }
}

TEST_P(CellConformance, own_part_is_pulled_as_it_is_linearised) {
  const int d = 6, B = 3;
  CellLine<double> line(GetParam(), d, 2, B, 2, 41);
  line.cut(1, 1);
  line.run(line.before());
  const int S = line.cell.states(), G = line.cell.gates(), width = line.width();
  std::mt19937_64 source(4);
  for (int k = 0; k < 2; ++k) {
    auto lambda = normals(source, B * width, 1);
    const auto total = lambda;
    const int H = line.cell.record().heads;
    std::vector<double> q(B * H * d), e(B * G * d), back(B * H * d), own(B * S * S * d), gain(B * S * G * d);
    line.cell.linearise(line.segment, k, Recurrent::own, own.data(), gain.data());
    line.cell.pull(line.segment, k, Recurrent::own, lambda.data(), q.data(), e.data(), back.data());
    for (int b = 0; b < B; ++b)
      for (int s = 0; s < S; ++s)
        for (int i = 0; i < d; ++i) {
          double expected = 0;
          for (int r = 0; r < S; ++r) expected += total[b * width + r * d + i] * own[((b * S + r) * S + s) * d + i];
          EXPECT_NEAR(lambda[b * width + s * d + i] + (s < H ? back[(b * H + s) * d + i] : 0), expected,
                      exact_tolerance);
        }
  }
}

TEST_P(CellConformance, pull_of_one_stream_is_that_of_all) {
  for (const int d : {1, 5, 16, 33}) {
    const int B = 3, K = 5, count = 4;
    CellLine<double> line(GetParam(), d, 2, B, K, 51 + d);
    line.cut(2, 1);
    line.run(line.before());
    const int width = line.width(), h = line.cell.shown_width();
    std::mt19937_64 source(6);
    for (int k = 0; k < K; ++k)
      for (int b = 0; b < B; ++b) {
        auto lambda = normals(source, count * width, 1), q = normals(source, count * h, 1);
        const auto lambda_in = lambda, q_in = q;
        std::vector<double> e(count * line.cell.rows());
        line.cell.pull_stream(line.segment, k, b, count, lambda.data(), q.data(), e.data());
        for (int v = 0; v < count; ++v) {
          std::vector<double> all(B * width), credit(B * h), e_all(B * line.cell.rows()), back(B * h);
          std::copy_n(lambda_in.begin() + v * width, width, all.begin() + b * width);
          std::copy_n(q_in.begin() + v * h, h, credit.begin() + b * h);
          line.cell.pull(line.segment, k, Recurrent::full, all.data(), credit.data(), e_all.data(), back.data());
          for (int i = 0; i < width; ++i) EXPECT_NEAR(lambda[v * width + i], all[b * width + i], exact_tolerance * d);
          for (int i = 0; i < h; ++i) EXPECT_NEAR(q[v * h + i], back[b * h + i], exact_tolerance * d);
          for (int i = 0; i < line.cell.rows(); ++i)
            EXPECT_NEAR(e[v * line.cell.rows() + i], e_all[b * line.cell.rows() + i], exact_tolerance);
        }
      }
  }
}

/// Without an array for it, credit through the one state of a unit joins the credit on h.
TEST_P(CellConformance, pull_without_lambda) {
  const int B = 3, K = 3;
  for (const int d : {1, 5, 16, 33}) {
    CellLine<double> line(GetParam(), d, 2, B, K, 55 + d);
    if (line.cell.states() != 1) return;
    line.cut(1, 2);
    line.run(line.before());
    std::mt19937_64 source(7);
    for (int k = 0; k < K; ++k)
      for (const Recurrent part : {Recurrent::full, Recurrent::own, Recurrent::none}) {
        const auto q = normals(source, B * d, 1);
        std::vector<double> lambda(B * d), e(B * line.cell.rows()), back(B * d, 0.5), other_e = e, other = back;
        line.cell.pull(line.segment, k, part, lambda.data(), q.data(), e.data(), back.data());
        line.cell.pull(line.segment, k, part, nullptr, q.data(), other_e.data(), other.data());
        EXPECT_EQ(other_e, e);
        for (int i = 0; i < B * d; ++i) EXPECT_NEAR(other[i], back[i] + lambda[i], exact_tolerance * d);
      }
  }
}

TEST_P(CellConformance, nothing_passes_a_cut) {
  const int d = 9, B = 2, K = 3;
  CellLine<double> line(GetParam(), d, 2, B, K, 61);
  line.cut(1, 0);
  line.run(line.before());
  const int S = line.cell.states(), G = line.cell.gates(), width = line.width();
  // The stream that was cut is one that begins at zero with the same inputs.
  CellLine<double> fresh(GetParam(), d, 2, B, K, 61);
  fresh.cut(1, 0);
  std::vector<double> other = fresh.before();
  for (int i = 0; i < width; ++i) other[i] += 3;
  fresh.run(other);
  for (int i = 0; i < width; ++i) EXPECT_EQ(line.after(K - 1)[i], fresh.after(K - 1)[i]);
  EXPECT_NE(line.after(0)[0], fresh.after(0)[0]);

  const int h = line.cell.shown_width();
  const std::vector<double> v(B * width, 1.0), q(B * h, 1.0);
  std::vector<double> jv(B * width), lambda(B * width, 1.0), e(B * G * d), back(B * h, 0.5), local(B * S * S * d),
      gain(B * S * G * d);
  for (const Recurrent part : {Recurrent::full, Recurrent::own}) {
    lambda.assign(B * width, 1.0);
    back.assign(B * h, 0.5);
    line.cell.pull(line.segment, 1, part, lambda.data(), q.data(), e.data(), back.data());
    for (int i = 0; i < width; ++i) EXPECT_EQ(lambda[i], 0);
    for (int i = 0; i < h; ++i) EXPECT_EQ(back[i], 0.5);
    EXPECT_GT(largest({lambda.begin() + width, lambda.end()}), 0);
    EXPECT_EQ(std::any_of(back.begin() + h, back.end(), [](double credit) { return credit != 0.5; }),
              line.cell.recurrent() && line.cell.shown() == 0);
    EXPECT_GT(largest({e.begin(), e.begin() + G * d}), 0);  // the step itself still learns
  }
  line.cell.push(line.segment, 1, v.data(), jv.data());
  for (int i = 0; i < width; ++i) EXPECT_EQ(jv[i], 0);
  EXPECT_GT(largest({jv.begin() + width, jv.end()}), 0);
  for (const Recurrent part : {Recurrent::none, Recurrent::own}) {
    line.cell.linearise(line.segment, 1, part, local.data(), gain.data());
    for (int i = 0; i < S * S * d; ++i) EXPECT_EQ(local[i], 0);
    EXPECT_GT(largest({gain.begin(), gain.begin() + S * G * d}), 0);
  }
}

TEST_P(CellConformance, carry_goes_on_where_the_segment_ended) {
  const int d = 7, B = 2, K = 4;
  CellLine<double> whole(GetParam(), d, 2, B, 2 * K, 71), half(GetParam(), d, 2, B, 2 * K, 71);
  whole.run(whole.before());
  half.segment.steps = K;
  half.run(half.before());
  half.cell.carry(half.segment);
  EXPECT_EQ(half.segment.t0, K);
  const int x = half.cell.layout().input_at;
  for (int row = 0; row < K * B; ++row)
    for (int j = 0; j < 2; ++j)
      half.segment.z[row * half.cell.ld() + x + j] = whole.segment.z[(row + K * B) * whole.cell.ld() + x + j];
  for (std::size_t row = 0; row < half.segment.weight.size() / 2; ++row)
    half.segment.weight[row] = whole.segment.weight[row + static_cast<std::size_t>(K) * B];
  half.cell.forward(half.segment);
  EXPECT_EQ(half.after(K - 1), whole.after(2 * K - 1));
}

TEST_P(CellConformance, float_agrees_with_double) {
  for (const int d : awkward_sizes()) {
    const int B = 2, K = 5;
    CellLine<double> wide(GetParam(), d, 3, B, K, 81 + d);
    CellLine<float> narrow(GetParam(), d, 3, B, K, 81 + d);
    wide.run(wide.before());
    narrow.run(narrow.before());
    // A step's sums have d + 4 terms of order 1/sqrt(d): rounding of 6e-8 times a small factor, five times over.
    for (int k = 0; k < K; ++k) {
      const auto expected = wide.after(k);
      const auto found = narrow.after(k);
      const double limit = 1e-5 * std::max(1.0, largest(expected));
      for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(found[i], expected[i], limit) << "d = " << d;
    }
  }
}

TEST_P(CellConformance, large_inputs_stay_finite) {
  for (const double scale : {1e3, 1e30}) {
    if (scale > 1e10 &&
        (GetParam().activation == "identity" || GetParam().activation == "relu" || GetParam().activation == "softplus"))
      continue;  // these grow with their input, without bound
    CellLine<float> line(GetParam(), 17, 3, 2, 5, 91, scale);
    line.run(line.before());
    for (int k = 0; k < 5; ++k)
      for (const float v : line.after(k)) ASSERT_TRUE(std::isfinite(v));
    const int h = line.cell.shown_width();
    std::vector<float> lambda(2 * line.width(), 1.0f), q(2 * h, 1.0f), e(2 * line.cell.rows()), back(2 * h);
    line.cell.pull(line.segment, 4, Recurrent::full, lambda.data(), q.data(), e.data(), back.data());
    for (const float v : e) ASSERT_TRUE(std::isfinite(v));
    for (const float v : back) ASSERT_TRUE(std::isfinite(v));
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, CellConformance, testing::ValuesIn(cell_kinds()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
