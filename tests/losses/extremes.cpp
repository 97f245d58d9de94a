// SPDX-License-Identifier: Apache-2.0
// Where a plain formula overflows, cancels or divides by zero.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "losses/pairs.hpp"

namespace chronograd {
namespace {

const LossRecord& loss(const char* name) {
  return find_record<LossRecord>("loss.name", name);
}

template <class T>
class Extremes : public testing::Test {
 public:
  static constexpr T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Extremes, Types);

TYPED_TEST(Extremes, SoftmaxOfLargePreOutputs) {
  using T = TypeParam;
  const auto& cross_entropy = loss("cross_entropy");
  const auto wrong = row_of<T>(cross_entropy, Activation::softmax, {1000, -1000}, {0, 1});
  EXPECT_EQ(wrong.loss, 2000);
  EXPECT_EQ(wrong.err[0], 1);
  EXPECT_EQ(wrong.err[1], -1);
  const auto right = row_of<T>(cross_entropy, Activation::softmax, {1000, -1000}, {1, 0});
  EXPECT_EQ(right.loss, 0);
  EXPECT_EQ(right.err[0], 0);
}

TYPED_TEST(Extremes, SmallLossesKeepTheirDigits) {
  using T = TypeParam;
  const double eps = std::numeric_limits<T>::epsilon(), small = std::log1p(std::exp(-30.0));
  EXPECT_NEAR(row_of<T>(loss("cross_entropy"), Activation::softmax, {0, -30}, {1, 0}).loss / small, 1, 4 * eps);
  EXPECT_NEAR(row_of<T>(loss("cross_entropy"), Activation::softmax, {-30, 0}, {0, 1}).loss / small, 1, 4 * eps);
  EXPECT_NEAR(row_of<T>(loss("bce"), Activation::sigmoid, {30}, {1}).loss / small, 1, 4 * eps);
  EXPECT_NEAR(row_of<T>(loss("bce"), Activation::sigmoid, {-30}, {0}).loss / small, 1, 4 * eps);
}

TYPED_TEST(Extremes, SigmoidOfLargePreOutputs) {
  using T = TypeParam;
  EXPECT_EQ(row_of<T>(loss("bce"), Activation::sigmoid, {800}, {0}).loss, 800);
  EXPECT_EQ(row_of<T>(loss("bce"), Activation::sigmoid, {-800}, {1}).loss, 800);
  EXPECT_EQ(row_of<T>(loss("bce"), Activation::sigmoid, {800, -800}, {1, 0}).loss, 0);
  EXPECT_EQ(row_of<T>(loss("bce"), Activation::sigmoid, {800}, {0}).err[0], 1);
}

TYPED_TEST(Extremes, ATargetOfZeroDropsItsTerm) {
  using T = TypeParam;
  // y_1 is 0 in every type: 0 log 0 = 0, and no slope of 0/0.
  const auto row = row_of<T>(loss("cross_entropy"), Activation::sigmoid, {0, -1000}, {1, 0});
  EXPECT_NEAR(row.loss, std::log(2.0), 1e-7);
  EXPECT_EQ(row.err[1], 0);
  EXPECT_NEAR(row.err[0], -0.5, 1e-7);
}

TYPED_TEST(Extremes, AWeightOfZeroGivesExactlyZero) {
  using T = TypeParam;
  for (const LossRecord* record : catalogue<LossRecord>())
    for (const Activation g : activations)
      if (makes_sense(*record, g))
        for (const T bad : {this->nan, this->inf, -this->inf, std::numeric_limits<T>::max()}) {
          SCOPED_TRACE(std::string(record->entry.name) + " with " + name_of(g) + " of " + std::to_string(bad));
          const auto row = row_of<T>(*record, g, {bad, 0, bad}, {1, 0, 0}, 0);
          for (const T err : row.err) EXPECT_EQ(err, 0);
        }
}

TYPED_TEST(Extremes, NaNStaysVisible) {
  using T = TypeParam;
  for (const LossRecord* record : catalogue<LossRecord>())
    for (const Activation g : activations)
      if (makes_sense(*record, g))
        for (std::size_t k = 0; k < 3; ++k) {
          SCOPED_TRACE(std::string(record->entry.name) + " with " + name_of(g) + ", NaN in " + std::to_string(k));
          std::vector<T> a{T(0.5), T(-0.25), T(1)}, target{T(0.25), T(0.25), T(0.5)};
          a[k] = this->nan;
          const auto row = row_of<T>(*record, g, a, target);
          EXPECT_TRUE(std::isnan(row.loss));
          EXPECT_TRUE(std::isnan(row.y[k]));
          EXPECT_TRUE(std::isnan(row.err[k]));
        }
}

}  // namespace
}  // namespace chronograd
