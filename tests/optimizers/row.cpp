// SPDX-License-Identifier: Apache-2.0
// The optimiser row against its definition in plain loops, and what it promises: a step that does not depend on the
// scale of the loss.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "chronograd/optimizer.hpp"
#include "chronograd/random.hpp"
#include "entry_options.hpp"

namespace chronograd {
namespace {

// Unit rows 0 ... 2 read two blocks, 3 and 4 one; then three parameters of the readout.
constexpr RowBlock blocks[] = {{0, 3, 2, 0}, {6, 3, 1, 0}, {9, 2, 4, 3}};
constexpr std::size_t units = 17, n = 20;
constexpr int row_of[units] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4, 3, 4, 3, 4, 3, 4};

const OptimizerRecord& record() {
  return find_record<OptimizerRecord>("optimizer.name", "row");
}

std::unique_ptr<Optimizer<double>> made() {
  auto optimizer = record().make_double(
      record(),
      entry_options(record().entry, {{"window", std::int64_t{3}}, {"guard", 0.25}, {"readout_decay", std::int64_t{2}}}),
      n);
  optimizer->know(blocks);
  return optimizer;
}

std::vector<double> gradient(int k) {
  std::vector<double> grad(n);
  for (std::size_t i = 0; i < n; ++i) {
    Random random(1, Draw::data, 0, static_cast<std::uint64_t>(k) * n + i);
    grad[i] = (k == 4 ? 30 : 1) * random.normal();  // one that the guard is for
    if (k == 2 && i >= units) grad[i] = 0;          // no loss
  }
  return grad;
}

TEST(Row, IsItsDefinition) {
  std::vector<double> theta(n, 0.5), wanted = theta, s(5), m(3), v(3);
  const auto optimizer = made();
  int losses = 0;
  for (int k = 0; k < 7; ++k) {
    const double lr = 0.1 / (k + 1);
    std::vector<double> grad = gradient(k);
    double squared[5] = {};
    for (std::size_t i = 0; i < units; ++i) squared[row_of[i]] += grad[i] * grad[i];
    for (int i = 0; i < 5; ++i) s[i] += std::max(1.0 / (k + 1), 1.0 / 3) * (squared[i] - s[i]);
    for (std::size_t i = 0; i < units; ++i)
      wanted[i] -= lr * grad[i] / std::sqrt(std::max(s[row_of[i]], 0.25 * squared[row_of[i]]));
    if (k != 2) ++losses;
    for (std::size_t i = 0; i < 3 && k != 2; ++i) {
      const double g = grad[units + i];
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      wanted[units + i] -= lr * std::sqrt(2.0 / (2 + k)) * (m[i] / (1 - std::pow(0.9, losses))) /
                           (std::sqrt(v[i] / (1 - std::pow(0.999, losses))) + 1e-8);
    }
    optimizer->step(lr, theta, grad);
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_EQ(grad[i], 0);
      EXPECT_NEAR(theta[i], wanted[i], 1e-13) << "update " << k << ", parameter " << i;
    }
  }
}

TEST(Row, ForgetsTheScaleOfTheLoss) {
  std::vector<double> theta(n), scaled(n);
  const auto one = made(), other = made();
  for (int k = 0; k < 6; ++k) {
    std::vector<double> grad = gradient(k), thousandfold = grad;
    for (double& g : thousandfold) g *= 1024;  // a power of two: no rounding
    one->step(0.1, theta, grad);
    other->step(0.1, scaled, thousandfold);
  }
  for (std::size_t i = 0; i < units; ++i) EXPECT_EQ(scaled[i], theta[i]) << i;
  for (std::size_t i = units; i < n; ++i) EXPECT_NEAR(scaled[i], theta[i], 1e-6) << i;
  // Adam's epsilon, 1e-8 beside roots of 0.01 and more, in each of six steps of 0.1 and less.
}

TEST(Row, TakesNoStepLongerThanItsGuardAllows) {
  std::vector<double> theta(n);
  const auto optimizer = made();
  for (int k = 0; k < 9; ++k) {
    const std::vector<double> before = theta;
    std::vector<double> grad = gradient(k);
    optimizer->step(0.1, theta, grad);
    double squared[5] = {};
    for (std::size_t i = 0; i < units; ++i) squared[row_of[i]] += (theta[i] - before[i]) * (theta[i] - before[i]);
    for (const double length : squared) EXPECT_LE(std::sqrt(length), 0.1 / std::sqrt(0.25) * (1 + 1e-12));
  }
}

}  // namespace
}  // namespace chronograd
