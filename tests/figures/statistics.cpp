// SPDX-License-Identifier: Apache-2.0
#include "figures/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

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

}  // namespace
}  // namespace chronograd
