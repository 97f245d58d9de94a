// SPDX-License-Identifier: Apache-2.0
#include "training/credit_lag.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "chronograd/train.hpp"
#include "network/initial.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

constexpr double tolerance = 1e-10;  // differences of gradients of order 1, rounded to 1e-16, relative to 1e-3 or more

struct Lags {
  explicit Lags(const std::string& task, const std::vector<std::string>& changes = {})
      : config(Config::parse("dtype='float64'\n[model]\ncell='leaky'\nhidden=6\nalpha=0.4\n[loss]\nname='mse'\n[rule]\n"
                             "name='rtrl'\n[optimizer]\nlr=0.1\n[task]\nname='" +
                                 task + "'\n",
                             "test", changes)),
        task_(make_task(config)),
        network(config, task_->inputs(), task_->outputs()),
        initial(initial_values(network, config, nullptr, "")),
        weights(weights_of<double>(initial)) {}

  std::vector<double> of(
      const std::string& word, int lags, const std::function<bool()>& going = [] { return true; }) const {
    const Config changed = config.with_method(word);
    return credit_by_lag(network, RuleSettings(changed), changed.table("update").integer("every"), initial.structure,
                         weights, *task_, lags, going);
  }

  Config config;
  std::unique_ptr<Task> task_;
  Network<double> network;
  Initial initial;
  Weights<double> weights;
};

TEST(CreditByLag, ExactRulesAgree) {
  for (const char* layers : {"model.layers=1", "model.layers=2"}) {
    const Lags lags("sine", {layers});
    const std::vector<double> past = lags.of("rtrl", 12), future = lags.of("bptt", 12);
    ASSERT_EQ(past.size(), 13U);
    for (std::size_t k = 0; k < past.size(); ++k) {
      EXPECT_GT(past[k], 0) << k;
      EXPECT_NEAR(past[k], future[k], tolerance * past[k]) << k;
    }
  }
}

/// Far back it would cost the square of the lags: some are measured, and those are what they are by any rule that is
/// exact, in whole windows (bptt), in blocks (rtrl) and step by step (snap(n=2) on a dense network).
TEST(CreditByLag, FarLagsAreSamples) {
  const Lags lags("sine");
  const std::vector<double> all = lags.of("bptt", 99);
  ASSERT_EQ(all.size(), 100U);
  std::vector<std::size_t> measured;
  for (std::size_t k = 0; k < all.size(); ++k)
    if (!std::isnan(all[k])) measured.push_back(k);
  std::vector<std::size_t> expected(33);
  std::iota(expected.begin(), expected.end(), std::size_t{0});
  for (const std::size_t k : {35, 39, 42, 46, 50, 54, 59, 64, 70, 77, 83, 91, 99}) expected.push_back(k);
  EXPECT_EQ(measured, expected);
  for (const char* rule : {"rtrl", "snap(n=2)"}) {
    const std::vector<double> other = lags.of(rule, 99);
    for (const std::size_t k : measured) EXPECT_NEAR(other[k], all[k], tolerance * all[0]) << rule << k;
  }
  EXPECT_GT(all[64], 1e-6 * all[0]);  // so that they say something
}

TEST(CreditByLag, CanBeStopped) {
  int asked = 0;
  EXPECT_TRUE(Lags("sine").of("rtrl", 20, [&] { return ++asked < 5; }).empty());
  EXPECT_EQ(asked, 5);
  const Config config = Lags("sine", {"watch.rules=rflo", "watch.lags=5", "train.updates=3"}).config;
  const std::unique_ptr<Task> task = make_task(config);
  RunOptions options;
  Watcher watcher;
  watcher.goes_on = [](const Position& position) { return position.update < position.updates; };
  options.observer = &watcher;
  const RunResult stopped = train(config, *task, options);
  EXPECT_EQ(stopped.status, RunResult::Status::stopped);
  EXPECT_EQ(stopped.updates, 3);
  EXPECT_TRUE(stopped.credit_by_lag.empty());
  const RunResult done = train(config, *task, {});
  EXPECT_EQ(done.status, RunResult::Status::done);
  EXPECT_EQ(done.credit_by_lag.size(), 2U);
}

TEST(CreditByLag, TheImmediateRuleLooksAtNothingElse) {
  const Lags lags("sine");
  const std::vector<double> exact = lags.of("rtrl", 3), immediate = lags.of("immediate", 3);
  EXPECT_NEAR(immediate[0], exact[0], tolerance * exact[0]);
  for (std::size_t k = 1; k < immediate.size(); ++k) EXPECT_EQ(immediate[k], 0);
}

TEST(CreditByLag, WindowsEndItWherePositionsInThemAreAlikeOften) {
  // 16 streams look at 16 places in a window of 8 steps: a lag of k < 8 is inside for (8 - k) / 8 of them.
  const Lags lags("add", {"update.every=8", "loss.name=cross_entropy"});
  const std::vector<double> exact = lags.of("rtrl", 10), cut = lags.of("tbptt", 10);
  EXPECT_NEAR(cut[0], exact[0], tolerance * exact[0]);
  for (std::size_t k = 1; k < 8; ++k) {
    EXPECT_GT(cut[k], 0) << k;
    EXPECT_LT(cut[k], exact[k]) << k;
  }
  for (std::size_t k = 8; k < cut.size(); ++k) EXPECT_EQ(cut[k], 0);
}

TEST(CreditByLag, LocalTracesDecayWithTheLeak) {
  // The regressors of this network stay within a factor of a few; (1 - alpha)^20 does not.
  const std::vector<double> local = Lags("sine").of("rflo", 20);
  EXPECT_GT(local[5], 0);
  EXPECT_LT(local[20], 1e-2 * local[0]);
}

TEST(CreditByLag, ARuleThatLearnsItsOwnModelHasNone) {
  EXPECT_TRUE(Lags("sine").of("dni", 3).empty());
}

}  // namespace
}  // namespace chronograd
