// SPDX-License-Identifier: Apache-2.0
// Averaged weights: the mean itself, the choice between it and what learns, and runs that use it.
#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/evaluate.hpp"
#include "chronograd/train.hpp"
#include "learning/averaged_weights.hpp"
#include "learning/stream_case.hpp"

namespace chronograd::learning {
namespace {

Weights<double> numbers(double a, double b) {
  Weights<double> weights;
  weights.theta.resize(2);
  weights.theta[0] = a;
  weights.theta[1] = b;
  return weights;
}

LossSum sum(double loss, std::int64_t steps) {
  return {.loss = loss * static_cast<double>(steps), .weight = static_cast<double>(steps), .steps = steps};
}

TEST(AveragedWeights, OverAllOfTheRunAreThePlainMean) {
  AveragedWeights<double> averaged(1, numbers(7, 7));
  double total = 0;
  for (int k = 1; k <= 9; ++k) {
    total += k * k;
    averaged.follow(numbers(k * k, 3), k);
    EXPECT_NEAR(averaged.weights().theta[0], total / k, 1e-13);
    EXPECT_EQ(averaged.weights().theta[1], 3);
  }
}

/// Of n updates the last half is meant: the weight of the ones before fades with the square of their age.
TEST(AveragedWeights, OverAShareForgetTheBeginning) {
  AveragedWeights<double> averaged(0.5, numbers(0, 0));
  double mean = 0;
  for (int k = 1; k <= 40; ++k) {
    const double value = k <= 4 ? 1000 : 1;
    mean += std::min(1.0, 2.0 / k) * (value - mean);
    averaged.follow(numbers(value, value), k);
  }
  EXPECT_NEAR(averaged.weights().theta[0], mean, 1e-12);
  EXPECT_LT(averaged.weights().theta[0], 10);
}

TEST(AveragedWeights, PredictWhereTheirLossesWereSmaller) {
  AveragedWeights<double> averaged(0.1, numbers(1, 1));
  EXPECT_FALSE(averaged.lead()) << "nothing is known";
  averaged.judge(sum(2, 1), sum(3, 1));
  EXPECT_TRUE(averaged.lead());
  EXPECT_EQ(&averaged.better(averaged.weights()), &averaged.weights());
  averaged.judge({}, {});  // no step had a loss
  EXPECT_TRUE(averaged.lead());
  averaged.judge(sum(5, 1), sum(3.5, 1));
  EXPECT_FALSE(averaged.lead()) << "the mean of all losses: -1 and 1.5";
  // What lies far back is forgotten: 200 losses that are smaller by a little outweigh any before them.
  averaged.judge(sum(1e6, 1), sum(0, 1));
  averaged.judge(sum(1, 200), sum(1.5, 200));
  EXPECT_TRUE(averaged.lead());
  EXPECT_TRUE(averaged.finite());
  averaged.judge(sum(NAN, 1), sum(1, 1));
  EXPECT_FALSE(averaged.finite());
}

/// With a rate at which weights jump about, their mean is better: it predicts and is what is tested and kept.
TEST(AveragedWeights, AreTestedAndKeptByTheTrainer) {
  const auto run = [](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"model.cell=leaky",       "rule.name=rtrl", "optimizer.name=sgd",
                                      "optimizer.lr=0.3",       "task.name=add",  "train.steps=3000",
                                      "loss.name=cross_entropy"};
    words.insert(words.end(), more.begin(), more.end());
    const Config config = config_of(words);
    return train(config, *make_task(config));
  };
  const RunResult plain = run({}), averaged = run({"train.average=0.1"});
  EXPECT_LT(averaged.test.loss, plain.test.loss - 0.002);
  EXPECT_LT(averaged.train.loss, plain.train.loss - 0.002) << "the loss is that of the predictions";
  EXPECT_NE(averaged.parameters.at("W_rec").f32, plain.parameters.at("W_rec").f32);
  EXPECT_EQ(averaged.test_learning.loss, plain.test.loss) << "what learns is the same, and tested beside them";
  EXPECT_EQ(plain.test_learning.steps, -1);
  // What is kept is what was tested.
  Config config = config_of({"model.cell=leaky", "rule.name=rtrl", "task.name=add", "loss.name=cross_entropy"});
  EXPECT_EQ(evaluate(config, *make_task(config), Split::test, averaged.parameters, "kept").loss, averaged.test.loss);
}

TEST(AveragedWeights, PredictInALearner) {
  Learner<double> plain(config_of({"dtype=float64", "optimizer.lr=0.1"}), {.inputs = n, .outputs = m}),
      averaged(config_of({"dtype=float64", "optimizer.lr=0.1", "train.average=0.2"}), {.inputs = n, .outputs = m});
  const Course<double> own = go(plain, 1, 0, 600), mean = go(averaged, 1, 0, 600);
  EXPECT_EQ(own.theta, mean.theta) << "what learns is the same";
  double lead = 0;
  for (std::size_t t = 0; t < own.loss.size(); ++t) lead += own.loss[t] - mean.loss[t];
  EXPECT_GT(lead, 1) << "losses are those of the predictions";
}

TEST(AveragedWeights, AreRefusedWithADelay) {
  try {
    Learner<float>(config_of({"train.average=0.2"}), {.inputs = n, .outputs = m, .delay = 2});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("[train.average] got 0.2 with a delay of 2 steps"));
  }
}

}  // namespace
}  // namespace chronograd::learning
