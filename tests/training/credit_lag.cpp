// SPDX-License-Identifier: Apache-2.0
#include "training/credit_lag.hpp"

#include <gtest/gtest.h>

#include "training/initial.hpp"
#include "training/trainer.hpp"

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

  std::vector<double> of(const std::string& word, int lags) const {
    const Config changed = config.with_rule(word);
    return credit_by_lag(network, changed, initial.structure,
                         find_record<RuleRecord>("", changed.table("rule").word("name")), weights, *task_, lags);
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
