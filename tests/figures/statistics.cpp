// SPDX-License-Identifier: Apache-2.0
#include "figures/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "figures/clusters.hpp"

namespace chronograd {
namespace {

// Student's t at 97.5 %, as printed in tables.
TEST(ConfidenceInterval, UsesStudentsQuantiles) {
  const double table[][2] = {{2, 12.7062}, {3, 4.3027},  {4, 3.1824}, {5, 2.7764},
                             {6, 2.5706},  {11, 2.2281}, {31, 2.0423}};
  for (const auto& [count, quantile] : table) {
    std::vector<double> values;
    for (int i = 0; i < static_cast<int>(count); ++i) values.push_back(i % 2);
    const Estimate estimate = estimate_of(values);
    double squares = 0;
    for (double value : values) squares += (value - estimate.mean) * (value - estimate.mean);
    EXPECT_NEAR(estimate.half_width, quantile * std::sqrt(squares / (count - 1) / count), 1e-4) << count;
  }
}

TEST(ConfidenceInterval, LeavesOutWhatIsNotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Estimate some = estimate_of({1, nan, 3, std::numeric_limits<double>::infinity()});
  EXPECT_EQ(some.mean, 2);
  EXPECT_EQ(some.count, 2);
  EXPECT_TRUE(std::isnan(estimate_of({5}).half_width));
  EXPECT_TRUE(std::isnan(estimate_of({nan}).mean));
}

TEST(ConfidenceInterval, OfEqualValuesHasNoWidth) {
  // The mean of three numbers 0.1 is not 0.1.
  EXPECT_NE((0.1 + 0.1 + 0.1) / 3, 0.1);
  for (const std::size_t count : {2U, 3U, 7U, 1000U})
    for (const double value : {0.1, -0.7, 1e9 / 3, 0.0})
      EXPECT_EQ(estimate_of(std::vector<double>(count, value)).half_width, 0) << value << " " << count;
  EXPECT_GT(estimate_of({1, 1 + 1e-14, 1}).half_width, 1e-15);
}

TEST(SingularValues, AreThoseOfAKnownMatrix) {
  // Rows (3, 0), (4, 5): values sqrt(45) and sqrt(5), in every digit of any algorithm.
  const std::vector<double> two = singular_values({3, 0, 4, 5}, 2);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_NEAR(two[0], std::sqrt(45.0), 1e-14);
  EXPECT_NEAR(two[1], std::sqrt(5.0), 1e-14);
  // An outer product of 3 and 4 numbers has rank 1.
  std::vector<double> outer;
  for (const double u : {1.0, -2.0, 3.0})
    for (const double v : {2.0, 1.0, 0.0, -1.0}) outer.push_back(u * v);
  const std::vector<double> one = singular_values(outer, 3);
  EXPECT_NEAR(one[0], std::sqrt(14.0 * 6), 1e-13);
  EXPECT_NEAR(one[1], 0, 1e-14);
  EXPECT_NEAR(one[2], 0, 1e-14);
  EXPECT_TRUE(singular_values({}, 0).empty());
}

TEST(Clusters, AreThingsThatAreAlikeSideBySide) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  // 0 and 2 are alike, so are 1 and 3; the pairs have nothing in common.
  const std::vector<double> pairs = {1, 0, 0.9, 0, 0, 1, 0, 0.8, 0.9, 0, 1, nan, 0, 0.8, nan, 1};
  EXPECT_EQ(clustered(pairs, 4), (std::vector<std::size_t>{0, 2, 1, 3}));
  // 2 is like 1 alone; that both are joined before 0 comes does not move 0 from the front.
  EXPECT_EQ(clustered({1, 0.1, 0.2, 0.1, 1, 0.9, 0.2, 0.9, 1}, 3), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(clustered({1}, 1), std::vector<std::size_t>{0});
  EXPECT_TRUE(clustered({}, 0).empty());
}

}  // namespace
}  // namespace chronograd
