// SPDX-License-Identifier: Apache-2.0
#include "training/credit_map.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/train.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

Config mapped(const std::string& task, const std::vector<std::string>& changes = {}) {
  return Config::parse("dtype='float64'\n[model]\ncell='leaky'\nhidden=6\nalpha=0.4\n[loss]\nname='" +
                           std::string(task == "add" ? "cross_entropy" : "mse") +
                           "'\n[rule]\nname='rtrl'\n[optimizer]\nlr=0.1\n[task]\nname='" + task +
                           "'\n[watch]\ncredit=8\n[train]\nupdates=3\n",
                       "test", changes);
}

RunResult run_of(const Config& config) {
  return train(config, *make_task(config), {});
}

std::vector<double> numbers(const Arrays& credit, const std::string& name) {
  std::vector<double> values;
  for (std::size_t i = 0; i < credit.at(name).size(); ++i) values.push_back(credit.at(name).at(i));
  return values;
}

TEST(CreditMap, HasAnArrayForEachRuleAndParameter) {
  const RunResult result = run_of(mapped("sine", {"watch.rules=immediate,uoro"}));
  for (const char* rule : {"exact", "trained", "immediate", "uoro"})
    for (const char* group : {"cell", "W_rec", "W_in", "b_h"}) {
      const auto found = result.credit.find(std::string("map/") + rule + "/" + group);
      ASSERT_NE(found, result.credit.end()) << rule << group;
      EXPECT_EQ(found->second.shape, (std::vector<std::size_t>{8, 8}));
    }
  const std::vector<double> exact = numbers(result.credit, "map/exact/cell"),
                            trained = numbers(result.credit, "map/trained/cell"),
                            immediate = numbers(result.credit, "map/immediate/cell"),
                            noisy = numbers(result.credit, "map/uoro/cell");
  for (std::size_t s = 0; s < 8; ++s)
    for (std::size_t t = 0; t < 8; ++t) {
      const std::size_t at = 8 * s + t;
      EXPECT_NEAR(trained[at], exact[at], 1e-12 * exact[0]);
      EXPECT_EQ(exact[at] > 0, s <= t);
      EXPECT_NEAR(immediate[at], s == t ? exact[at] : 0, 1e-12 * exact[0]);
      EXPECT_EQ(noisy[at] > 0, s <= t);
      double squares = 0;
      for (const char* group : {"W_rec", "W_in", "b_h"})
        squares += std::pow(numbers(result.credit, std::string("map/exact/") + group)[at], 2);
      EXPECT_LE(std::sqrt(squares), (1 + 1e-12) * exact[at]) << "the norm of means is at most the mean of norms";
    }
  EXPECT_GT(noisy[7], exact[7]) << "its noise does not fade";
  EXPECT_EQ(result.credit.count("guess/uoro/cell"), 0U);
}

TEST(CreditMap, TellsTheShareOfExactCredit) {
  const RunResult result = run_of(mapped("sine", {"watch.rules=immediate,rflo"}));
  EXPECT_THAT(numbers(result.credit, "share/trained"), testing::Each(testing::DoubleNear(1, 1e-10)));
  const std::vector<double> immediate = numbers(result.credit, "share/immediate"),
                            local = numbers(result.credit, "share/rflo");
  EXPECT_NEAR(immediate[0], 1, 1e-12);
  EXPECT_NEAR(local[0], 1, 1e-12);
  for (std::size_t lag = 1; lag < 8; ++lag) EXPECT_EQ(immediate[lag], 0);
  EXPECT_GT(std::fabs(local[1] - 1), 1e-3);
}

/// The guess is that of the synthesiser that was learnt along the run: a fresh one guesses nothing.
TEST(CreditMap, ShowsWhatASynthesiserHasLearnt) {
  for (const char* dtype : {"dtype=float64", "dtype=float32"})
    for (const char* every : {"update.every=1", "update.every=4"}) {
      const RunResult watched =
          run_of(mapped("add", {dtype, every, "watch.rules=dni(sg_lr=0.05)", "train.updates=40"}));
      ASSERT_EQ(watched.credit.count("guess/dni(sg_lr=0.05)/cell"), 1U) << dtype;
      EXPECT_THAT(numbers(watched.credit, "guess/dni(sg_lr=0.05)/W_rec"), testing::Each(testing::Gt(0)));
      const RunResult learns =
          run_of(mapped("add", {dtype, every, "rule.name=dni", "rule.sg_lr=0.05", "train.updates=40"}));
      EXPECT_THAT(numbers(learns.credit, "guess/trained/W_rec"), testing::Each(testing::Gt(0)));
      EXPECT_THAT(numbers(learns.credit, "map/trained/cell"), testing::Each(0));
    }
  const RunResult rows = run_of(mapped("sine", {"watch.rules=dni(sg_lr=0.05)"}));
  EXPECT_THAT(numbers(rows.credit, "guess/dni(sg_lr=0.05)/W_rec"), testing::Each(testing::Gt(0)))
      << "rows of their own";
}

TEST(CreditMap, HasTheBlocksOfWindows) {
  const RunResult result = run_of(mapped("add", {"update.every=4", "watch.rules=tbptt(update.every=4)"}));
  const std::vector<double> cut = numbers(result.credit, "map/tbptt(update.every=4)/cell"),
                            exact = numbers(result.credit, "map/exact/cell");
  for (std::size_t s = 0; s < 8; ++s)
    for (std::size_t t = s; t < 8; ++t)
      EXPECT_NEAR(cut[8 * s + t], s / 4 == t / 4 ? exact[8 * s + t] : 0, 1e-12 * exact[0]) << s << t;
}

TEST(CreditMap, IsCutToTheLengthOfRows) {
  const RunResult result = run_of(mapped("sine", {"watch.credit=64", "task.length=20"}));
  EXPECT_EQ(result.credit.at("map/exact/cell").shape, (std::vector<std::size_t>{20, 20}));
}

TEST(CreditMap, CanBeStopped) {
  const Config config = mapped("sine", {"watch.rules=rflo"});
  Watcher watcher;
  watcher.goes_on = [](const Position& position) { return position.update < position.updates; };
  RunOptions options;
  options.observer = &watcher;
  const std::unique_ptr<Task> task = make_task(config);
  const RunResult stopped = train(config, *task, options);
  EXPECT_EQ(stopped.status, RunResult::Status::stopped);
  EXPECT_EQ(stopped.updates, 3);
  EXPECT_TRUE(stopped.credit.empty());
  const RunResult done = run_of(config);
  EXPECT_EQ(done.status, RunResult::Status::done);
  EXPECT_FALSE(done.credit.empty());
  EXPECT_TRUE(run_of(mapped("sine", {"watch.credit=0"})).credit.empty());
}

}  // namespace
}  // namespace chronograd
