// SPDX-License-Identifier: Apache-2.0
#include "report/spectrum.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "report/citations.hpp"

namespace chronograd {
namespace {

TEST(Spectrum, OfARotationIsAPairOnTheCircle) {
  const double c = std::cos(0.3), s = std::sin(0.3);
  const auto values = eigenvalues({c, -s, 0, s, c, 0, 0, 0, -2}, 3);
  ASSERT_EQ(values.size(), 3U);
  EXPECT_NEAR(values[0].real(), -2, 1e-12);
  EXPECT_NEAR(std::abs(values[1]), 1, 1e-12);
  EXPECT_NEAR(std::fabs(values[1].imag()), s, 1e-12);
  EXPECT_NEAR(values[1].imag(), -values[2].imag(), 1e-12);
  EXPECT_TRUE(eigenvalues({1, NAN, 0, 1}, 2).empty());
  EXPECT_TRUE(eigenvalues({1, 2, 3}, 2).empty());
}

TEST(PrincipalComponents, FindTheLongAxis) {
  std::vector<double> points;
  for (int i = -10; i <= 10; ++i)
    for (const double across : {-1.0, 1.0}) {  // along (3, 4) / 5, across (-4, 3) / 5
      points.push_back(7 + 0.6 * i - 0.8 * across);
      points.push_back(-2 + 0.8 * i + 0.6 * across);
    }
  const auto plane = principal_components(points, points.size() / 2, 2);
  ASSERT_EQ(plane.first.size(), points.size() / 2);
  EXPECT_NEAR(plane.first.front(), -10, 1e-9);
  EXPECT_NEAR(plane.first.back(), 10, 1e-9);
  EXPECT_NEAR(std::fabs(plane.second.front()), 1, 1e-9);
  EXPECT_NEAR(plane.first_share + plane.second_share, 1, 1e-12);
  EXPECT_NEAR(plane.second_share, 1 / (1 + 110.0 / 3), 1e-9);  // variances 1 and mean of i^2
  EXPECT_TRUE(principal_components({1, 2}, 1, 2).first.empty());
  EXPECT_EQ(principal_components({1, 2, 4}, 3, 1).second, (std::vector<double>{0, 0, 0}));
}

TEST(Citations, AreCutOutWhole) {
  const std::string text = "% a note\n@article{one,\n  title = {A, {B}}\n}\n\n@book{two,\n  year = {2}\n}\n";
  EXPECT_EQ(entries_of(text, {"two"}), "@book{two,\n  year = {2}\n}\n");
  EXPECT_EQ(entries_of(text, {"two", "one", "three"}),
            "@article{one,\n  title = {A, {B}}\n}\n\n@book{two,\n  year = {2}\n}\n");
  EXPECT_EQ(entries_of(text, {}), "");
}

}  // namespace
}  // namespace chronograd
