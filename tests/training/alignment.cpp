// SPDX-License-Identifier: Apache-2.0
// Cosines and norms of gradients of every size, and of gradients that left the range of their numbers.
#include "training/alignment.hpp"

#include <gmock/gmock.h>

#include "chronograd/train.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

template <class T>
Products products(const std::vector<T>& a, const std::vector<T>& b) {
  return {std::span<const T>(a), std::span<const T>(b)};
}

TEST(Products, OfEveryFiniteSizeAreExact) {
  for (const double a : {1.0, 1e-300, 1e-170, 1e150, 1e300})
    for (const double b : {1.0, 1e-300, 1e170, 1e300}) {
      const Products found = products<double>({3 * a, 4 * a}, {4 * b, 3 * b});
      EXPECT_NEAR(found.cosine(), 24.0 / 25, 1e-14) << a << " " << b;
      if (std::isfinite(a / b) && a / b > 0) {
        EXPECT_NEAR(found.ratio() / (a / b), 1, 1e-13) << a << " " << b;
      }
      EXPECT_NEAR(found.norm_of_a() / (5 * a), 1, 1e-14);
      EXPECT_TRUE(found.finite());
    }
  const Products floats = products<float>({3e38F, -3e38F}, {1e-38F, 1e-38F});
  EXPECT_EQ(floats.cosine(), 0);
  EXPECT_NEAR(floats.ratio(), 3e76, 1e70);
  EXPECT_TRUE(products<double>({0, 0}, {0, 1}).a_is_zero());
  EXPECT_FALSE(products<float>({INFINITY, 1}, {1, 1}).finite());
  EXPECT_FALSE(products<float>({1, 1}, {NAN, 1}).finite());
}

TEST(Products, OfOrdinarySizeAreThePlainSums) {
  const std::vector<double> a = {0.1, -0.7, 3.3}, b = {1.3, 0.2, -0.4};
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  EXPECT_EQ(products(a, b).cosine(), ab / std::sqrt(aa * bb));
  EXPECT_EQ(products(a, b).ratio(), std::sqrt(aa / bb));
}

/// A net that doubles and doubles what happened before: the exact influence leaves the range of floats.
Config chaotic(const std::vector<std::string>& changes = {}) {
  return Config::parse(
      "seed=1\n[model]\ncell='leaky'\nhidden=24\ngain=4\nalpha=1.0\n[loss]\nname='cross_entropy'\n[rule]\n"
      "name='tbptt'\nL=4\n[update]\nevery=4\n[optimizer]\nlr=0.0001\n[task]\nname='add'\n[watch]\n"
      "rules=['rtrl','snap(n=1)']\nevery=1\n[train]\nupdates=400\nreport_every=10\ntest_steps=10\n",
      "test", changes);
}

TEST(Overflow, LeavesTheOtherComparisonsAlone) {
  Watcher watcher;
  RunOptions options;
  options.observer = &watcher;
  const Config config = chaotic();
  const RunResult result = train(config, *make_task(config), options);
  ASSERT_EQ(result.status, RunResult::Status::done);
  ASSERT_EQ(result.overflowed.size(), 1U);
  EXPECT_EQ(result.overflowed[0].first, "rtrl");
  EXPECT_GT(result.overflowed[0].second, 0);
  EXPECT_LT(result.overflowed[0].second, 400);
  std::int64_t sum = 0, empty = 0;
  for (const Metrics& metrics : watcher.lines) {
    for (const auto& [rule, count] : metrics.overflowed) {
      EXPECT_EQ(rule, "rtrl");
      EXPECT_LE(count, 10);
      sum += count;
    }
    const AlignedPair &exact = metrics.alignment[0], &other = metrics.alignment[1];
    ASSERT_EQ(exact.beside, "rtrl");
    const bool all = !metrics.overflowed.empty() && metrics.overflowed[0].second == 10;
    EXPECT_EQ(std::isnan(exact.cosine), all) << metrics.update;
    EXPECT_EQ(std::isnan(exact.norm_ratio), all) << metrics.update;
    EXPECT_TRUE(std::isfinite(other.cosine)) << metrics.update;
    empty += all;
  }
  EXPECT_EQ(sum, result.overflowed[0].second);
  EXPECT_GT(empty, 0);
  // The mean over the run is that of what was measured before.
  EXPECT_TRUE(std::isfinite(result.alignment[0].cosine));
  EXPECT_TRUE(std::isfinite(result.alignment[1].cosine));
}

TEST(Overflow, IsNoneWhereNothingOverflows) {
  const Config config = chaotic({"model.gain=0.5", "train.updates=20"});
  EXPECT_TRUE(train(config, *make_task(config), {}).overflowed.empty());
}

}  // namespace
}  // namespace chronograd
