// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "chronograd/error.hpp"
#include "chronograd/train.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

/// theta after training; the network of the paper.
double theta_of(const std::vector<std::string>& changes) {
  const Config config = Config::parse(
      "dtype='float64'\n[model]\ncell='leaky'\nhidden=23\nactivation='identity'\nfreeze=['W_rec','b_h','W_out','b_y']\n"
      "[loss]\nname='mse'\n[rule]\nname='rtrl'\n[update]\nevery=1\n[optimizer]\nlr=1e-4\n[task]\nname='influence_"
      "balancing'\n[train]\nupdates=1\n",
      "test", changes);
  const RunResult result = train(config, *make_task(config));
  const Array& W_in = result.parameters.at("W_in");
  for (std::size_t i = 0; i < 23; ++i) EXPECT_EQ(W_in.at(i), (i < 10 ? 1 : -1) * W_in.at(0)) << "one number";
  EXPECT_EQ(result.parameters.at("W_rec").at(1), 0.5) << "the rest is fixed";
  return W_in.at(0);
}

/// d h_K[0] / d theta counting the last K uses of theta, by the definition: the sum of A^k s over k < K.
double written_out(int K) {
  std::vector<double> s(23), sum(23);
  for (std::size_t i = 0; i < 23; ++i) s[i] = i < 10 ? 1 : -1;
  for (int k = 0; k < K; ++k) {
    for (std::size_t i = 0; i < 23; ++i) sum[i] += s[i];
    for (std::size_t i = 0; i < 23; ++i) s[i] = 0.5 * s[i] + (i + 1 < 23 ? 0.5 * s[i + 1] : 0);
  }
  return sum[0];
}

TEST(InfluenceBalancing, EarlyInfluenceHasTheWrongSign) {
  // At theta = 0 and h = 0 the error is -1: with rate 1 one update moves theta by the influence itself.
  for (int K : {1, 5, 10, 20, 30, 40, 41, 60, 100}) {
    const double moved = theta_of({"task.theta=0", "task.start=0", "task.loss_on=last", "optimizer.lr=1",
                                   "update.every=trial", "rule.name=bptt", "task.length=" + std::to_string(K)});
    EXPECT_NEAR(moved, written_out(K), 1e-12) << K;
    EXPECT_EQ(moved > 0, K <= 40) << K;
  }
  EXPECT_NEAR(written_out(1000), -6, 1e-9);
}

TEST(InfluenceBalancing, RtrlFindsTheOptimumAndTruncationRunsAway) {
  EXPECT_NEAR(theta_of({"train.updates=5000"}), -1.0 / 6, 1e-6);
  EXPECT_GT(theta_of({"train.updates=5000", "rule.name=immediate"}), 1);
}

TEST(InfluenceBalancing, ReferencesFollowTheEquilibrium) {
  EXPECT_DOUBLE_EQ(make_task_of("influence_balancing", 0)->references()[0].value, 0.5 * 4 * 4) << "h = -6 theta = -3";
  EXPECT_DOUBLE_EQ(make_task_of("influence_balancing", 0,
                                {{"units", std::int64_t{3}}, {"positive", std::int64_t{2}}, {"theta", 1.0}})
                       ->references()[0]
                       .value,
                   0.5);
}

TEST(InfluenceBalancing, NeedsItsNetwork) {
  EXPECT_THROW(theta_of({"model.hidden=22"}), Error);
  EXPECT_THROW(theta_of({"model.cell=gru"}), Error);
}

}  // namespace
}  // namespace chronograd
