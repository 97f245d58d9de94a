// SPDX-License-Identifier: Apache-2.0
// What the doors of an experiment lead to.
#include "chronograd/experiment.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/data.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr std::size_t rows = 3, T = 8;

Config config_of(const std::vector<std::string>& changes = {"train.epochs=5"}) {
  return Config::parse(
      "dtype='float64'\n[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='bptt'\n[optimizer]\nlr=0."
      "1\n",
      "test", changes);
}

/// The caller's own rows.
struct Own {
  Own() {
    for (std::size_t i = 0; i < rows * T; ++i) x[i] = std::sin(0.7 * static_cast<double>(i)), y[i] = 0.5 * x[i];
    RowsView view;
    view.x = ArrayView::of(x, {rows, T, 1});
    view.y = ArrayView::of(y, {rows, T, 1});
    task = make_array_task(config_of(), view);
  }
  double x[rows * T], y[rows * T];
  std::shared_ptr<const Task> task;
};

TEST(Experiment, RunsForwardToWhatTheGradientSees) {
  const Own own;
  const Experiment experiment(config_of(), own.task);
  const Arrays weights = experiment.train().parameters;
  const Arrays seen = experiment.gradient(weights), run = experiment.run(weights, Split::train);
  for (const char* name : {"y", "h", "loss_t"}) {
    ASSERT_EQ(run.at(name).shape, seen.at(name).shape) << name;
    // The same sums of at most 6 numbers below 1, perhaps in another order.
    for (std::size_t i = 0; i < run.at(name).size(); ++i)
      EXPECT_NEAR(run.at(name).at(i), seen.at(name).at(i), 1e-14) << name;
  }
  double sum = 0;
  for (std::size_t i = 0; i < rows * T; ++i) {
    sum += run.at("loss_t").at(i);
    EXPECT_EQ(run.at("target").at(i), own.y[i]);
    EXPECT_EQ(run.at("mask").at(i), 1);
  }
  Measures measures;
  const Score score = experiment.evaluate(weights, Split::train, &measures);
  EXPECT_NEAR(score.loss, sum / (rows * T), 1e-14);
  EXPECT_EQ(score.steps, static_cast<std::int64_t>(rows * T));
  EXPECT_EQ(measures.mae.size(), 1U);
  EXPECT_FALSE(experiment.evaluate(weights, Split::test).measured());
}

TEST(Experiment, IsChangedOnTheSameRows) {
  const Own own;
  const Experiment experiment(config_of(), own.task);
  const Experiment online = experiment.with_method("rtrl").with({"update.every=1"});
  EXPECT_EQ(&online.task(), own.task.get());
  EXPECT_EQ(online.config().table("rule").word("name"), "rtrl");
  EXPECT_EQ(experiment.config().table("rule").word("name"), "bptt");
  const Arrays weights = experiment.train().parameters;
  const Arrays past = online.gradient(weights), future = experiment.gradient(weights);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_NEAR(past.at("W_rec").at(i), future.at("W_rec").at(i), 1e-12);
}

TEST(Experiment, ReadsItsRowsAgainWhereTheyChange) {
  const Experiment sine(config_of({"task.name=sine", "task.length=20", "train.updates=3"}));
  EXPECT_EQ(&sine.with({"optimizer.lr=0.2"}).task(), &sine.task());
  EXPECT_EQ(&sine.with_method("tbptt(L=3)").task(), &sine.task());
  EXPECT_EQ(sine.with({"task.length=30"}).task().length(Split::train), 30);
  EXPECT_EQ(sine.task().length(Split::train), 20);
}

TEST(Experiment, ComparesRulesOnTheCallersRows) {
  const Own own;
  const Experiment experiment(config_of(), own.task);
  ComparisonOptions options;
  options.times = false;
  const Comparison found = experiment.compare({"bptt", "rtrl", "immediate"}, {0, 1}, options);
  ASSERT_EQ(found.rows.size(), 3U);
  for (std::size_t seed = 0; seed < 2; ++seed) {
    const RunResult alone = experiment.with({"seed=" + std::to_string(seed)}).train();
    EXPECT_EQ(found.rows[0].runs[seed].train.loss, alone.train.loss) << "one run and the same run among others";
    EXPECT_NEAR(found.rows[1].runs[seed].train.loss, alone.train.loss, 1e-12);
    EXPECT_NE(found.rows[2].runs[seed].train.loss, alone.train.loss);
  }
  EXPECT_NEAR(found.rows[0].cosine, 1, 1e-12);
  EXPECT_THAT(comparison_text(found), testing::HasSubstr("immediate"));
  EXPECT_THAT(comparison_json(found), testing::HasSubstr("\"immediate\""));
}

TEST(Experiment, BeginsAComparisonFromGivenParameters) {
  const Own own;
  const Experiment experiment(config_of(), own.task);
  const Arrays weights = experiment.train().parameters;
  ComparisonOptions options;
  options.times = options.alignment = false;
  options.parameters = &weights;
  RunOptions run;
  run.parameters = &weights;
  EXPECT_EQ(experiment.compare({"bptt"}, {0}, options).rows[0].runs[0].parameters.at("W_rec").f64,
            experiment.train(run).parameters.at("W_rec").f64);
}

TEST(Experiment, ChecksItsRuleAndCanBeStopped) {
  const Experiment experiment(config_of({"task.name=sine", "task.length=20"}));
  const std::vector<CheckRow> checked = experiment.check();
  ASSERT_FALSE(checked.empty());
  for (const CheckRow& row : checked) EXPECT_TRUE(row.passed) << row.quantity;
  class Stop final : public Observer {
    bool moved(const Position& position) override { return position.update < 1; }
  } stop;
  try {
    experiment.check(3, &stop);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::interrupted);
    EXPECT_STREQ(error.what(), "[check] interrupted after 1 of 3 parts.");
  }
}

}  // namespace
}  // namespace chronograd
