// SPDX-License-Identifier: Apache-2.0
// Known answers are numpy's (1.24):
//   numpy.random.Philox(key=numpy.array([seed, purpose], dtype=numpy.uint64),
//                       counter=numpy.array([0, a, b, 0], dtype=numpy.uint64)).random_raw(6)
// Statistical bounds are 5.5 standard deviations of the sample's moment, so that a right generator with another seed
// would fail one in 2.6e7 times; with the seeds fixed here the outcome never changes.
#include "chronograd/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace chronograd {
namespace {

constexpr std::uint64_t all_ones = ~std::uint64_t{0};

std::vector<std::uint64_t> first_six(Random random) {
  std::vector<std::uint64_t> words(6);
  for (std::uint64_t& word : words) word = random.bits();
  return words;
}

TEST(RandomBits, AreNumpysPhilox) {
  EXPECT_EQ(first_six(Random(0, Draw::parameters)),
            (std::vector<std::uint64_t>{0xd037f8c3f9a1d176, 0xc057419b4c210765, 0xabf13115117b0065, 0x7bae035dea6ea5c0,
                                        0xb487ac82e7ddd46f, 0x45e81edba7c59426}));
  EXPECT_EQ(first_six(Random(12345, Draw::noise, 7, 11)),
            (std::vector<std::uint64_t>{0x8dd04645f0392012, 0xd6a81801fcec8173, 0x4e8a47987ba02a9d, 0xdf5c79085295f748,
                                        0xd393932e1f7cc667, 0xea4640ffb31e3c33}));
  EXPECT_EQ(first_six(Random(all_ones, Draw::mask, all_ones, std::uint64_t{1} << 63)),
            (std::vector<std::uint64_t>{0xa24b7b4286ede218, 0xb547f6f88cddd10b, 0xe9e906ccd51efad1, 0xb2d0cf59d4c0db87,
                                        0xeb5fe20dd28fb1ff, 0x48ee1b73672d0c14}));
}

TEST(RandomBits, AreNumpysPhiloxFarAlong) {
  Random random(42, Draw::data, 5);  // key [42, 2], counter [0, 5, 0, 0], random_raw(1001)[-1]
  for (int i = 0; i < 1000; ++i) random.bits();
  EXPECT_EQ(random.bits(), 0xd971a33676012326u);
}

TEST(RandomUniform, IsNumpysGenerator) {
  // numpy.random.Generator(numpy.random.Philox(key=[12345, 3], counter=[0, 7, 11, 0])).random(4)
  Random random(12345, Draw::noise, 7, 11);
  for (double expected : {0x1.1ba08c8be0724p-1, 0x1.ad503003f9d90p-1, 0x1.3a291e61ee80ap-2, 0x1.beb8f210a52bep-1})
    EXPECT_EQ(random.uniform(), expected);
}

TEST(RandomNormal, IsBoxMullerOfTheUniforms) {
  // u, v = two uniforms; sqrt(-2 log(1 - u)) (cos 2 pi v, sin 2 pi v), computed in Python
  Random random(12345, Draw::noise, 7, 11);
  for (double expected : {0.670752008926644, -1.079250547555919, 0.5957727008409143, -0.6147528458905531})
    EXPECT_NEAR(random.normal(), expected, 1e-14);
}

TEST(RandomStreams, DifferInEachOfTheirNumbers) {
  const std::vector<std::uint64_t> one = first_six(Random(1, Draw::data, 2, 3));
  EXPECT_EQ(first_six(Random(1, Draw::data, 2, 3)), one);
  EXPECT_NE(first_six(Random(2, Draw::data, 2, 3)), one);
  EXPECT_NE(first_six(Random(1, Draw::noise, 2, 3)), one);
  EXPECT_NE(first_six(Random(1, Draw::data, 3, 3)), one);
  EXPECT_NE(first_six(Random(1, Draw::data, 2, 2)), one);
}

constexpr int draws = 200000;
constexpr double bound = 5.5;

/// Whether the mean of `draws` values of the given variance is within the bound of what is expected.
void expect_mean(double sum, double mean, double variance) {
  EXPECT_NEAR(sum / draws, mean, bound * std::sqrt(variance / draws));
}

TEST(RandomUniform, HasTheMomentsOfTheUniformDistribution) {
  Random random(1, Draw::noise);
  double sum = 0, squares = 0, neighbours = 0, before = 0;
  for (int i = 0; i < draws; ++i) {
    const double u = random.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
    squares += u * u;
    neighbours += (u - 0.5) * before;
    before = u - 0.5;
  }
  expect_mean(sum, 1.0 / 2, 1.0 / 12);
  expect_mean(squares, 1.0 / 3, 4.0 / 45);
  expect_mean(neighbours, 0, 1.0 / 144);
}

TEST(RandomNormal, HasTheMomentsOfTheNormalDistribution) {
  Random random(2, Draw::noise);
  double moment[5] = {}, neighbours = 0, before = 0;
  for (int i = 0; i < draws; ++i) {
    const double x = random.normal();
    for (int k = 1; k <= 4; ++k) moment[k] += std::pow(x, k);
    neighbours += x * before;
    before = x;
  }
  expect_mean(moment[1], 0, 1);
  expect_mean(moment[2], 1, 2);
  expect_mean(moment[3], 0, 15);
  expect_mean(moment[4], 3, 96);
  expect_mean(neighbours, 0, 1);
}

TEST(RandomSign, TakesOneBitEach) {
  Random random(3, Draw::rule), same(3, Draw::rule);
  double sum = 0;
  for (int word = 0; word < draws / 64; ++word) {
    const std::uint64_t bits = same.bits();
    for (int i = 0; i < 64; ++i) {
      const double sign = random.sign();
      ASSERT_EQ(sign, (bits >> i & 1) ? 1.0 : -1.0);
      sum += sign;
    }
  }
  expect_mean(sum, 0, 1);
}

TEST(RandomBelow, IsUniform) {
  Random random(4, Draw::shuffle);
  for (std::uint64_t n : {1, 2, 3, 7, 10}) {
    std::vector<double> seen(n);
    for (int i = 0; i < draws; ++i) {
      const std::uint64_t k = random.below(n);
      ASSERT_LT(k, n);
      ++seen[k];
    }
    const double p = 1.0 / static_cast<double>(n);
    for (double count : seen) expect_mean(count, p, p * (1 - p));
  }
}

// With n = 3/4 of 2^64 the plain high word of a product would favour every third number: 2 of 4 times instead of 4/3.
TEST(RandomBelow, IsUniformWhereMultiplicationAloneIsNot) {
  Random random(5, Draw::shuffle);
  const std::uint64_t n = std::uint64_t{3} << 62;
  double thirds = 0;
  for (int i = 0; i < draws; ++i) {
    const std::uint64_t k = random.below(n);
    ASSERT_LT(k, n);
    thirds += k % 3 == 0;
  }
  expect_mean(thirds, 1.0 / 3, 2.0 / 9);
  EXPECT_LT(random.below(all_ones), all_ones);
}

}  // namespace
}  // namespace chronograd
