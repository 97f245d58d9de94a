// SPDX-License-Identifier: Apache-2.0
// Gradients of rules that lag are compared with those of the same steps. In a net without recurrent weights nothing
// that a weight does outlives its step, so all rules here give one gradient, each at its own time: beside one another
// of the same steps their cosine is 1, and of others it is not.
#include <gmock/gmock.h>

#include <cmath>
#include <span>

#include "chronograd/gradient.hpp"
#include "chronograd/train.hpp"
#include "math/products.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;

struct Compared {
  RunResult result;
  std::vector<std::int64_t> at;  ///< updates, counted from 0, at which something was compared

  double cosine(const std::string& rule, const std::string& beside) const {
    for (const AlignedPair& pair : result.alignment)
      if (pair.group == "cell" && pair.rule == rule && pair.beside == beside) return pair.cosine;
    return NAN;
  }
  void expect_all_alike() const {
    for (const AlignedPair& pair : result.alignment) {
      EXPECT_NEAR(pair.cosine, 1, 1e-12) << pair.group << " " << pair.rule << " " << pair.beside;
      EXPECT_NEAR(pair.norm_ratio, 1, 1e-12) << pair.group << " " << pair.rule << " " << pair.beside;
    }
  }
};

/// Frozen weights, of which those in W_rec are zero.
Compared compared(const std::vector<std::string>& changes, int threads = 1) {
  const Config config = Config::parse(
      "seed=3\ndtype='float64'\n[model]\ncell='leaky'\nhidden=6\nalpha=1.0\ngain=0.0\n[loss]\nname='cross_entropy'\n"
      "[rule]\nname='rtrl'\n[update]\nevery=1\n[optimizer]\nname='sgd'\nlr=0.0\n[task]\nname='add'\n[watch]\nevery=1\n"
      "[train]\nupdates=23\nreport_every=1\ntest_steps=10\n",
      "test", changes);
  Watcher watcher;
  RunOptions options;
  options.observer = &watcher;
  options.threads = threads;
  Compared found;
  found.result = train(config, *make_task(config), options);
  for (const Metrics& metrics : watcher.lines)
    if (std::isfinite(metrics.alignment.at(0).cosine)) found.at.push_back(metrics.update - 1);
  return found;
}

std::vector<std::int64_t> numbers(std::int64_t from, std::int64_t to, std::int64_t by) {
  std::vector<std::int64_t> all;
  for (; from < to; from += by) all.push_back(from);
  return all;
}

TEST(Lags, OfRulesAreWaitedFor) {
  // The greatest lag is 6: what lags less waits for 6, 4 and 2 updates, which are more and fewer than watch.every.
  const std::string rules = "watch.rules=[\"f_bptt(L=3)\",\"immediate\",\"f_bptt(L=7)\",\"f_bptt(L=5)\",\"rflo\"]";
  for (const int every : {1, 2, 3, 4, 6, 7, 9}) {
    SCOPED_TRACE(every);
    const Compared found = compared({rules, "watch.every=" + std::to_string(every)});
    found.expect_all_alike();
    EXPECT_EQ(found.at, numbers((6 + every - 1) / every * every, 23, every));
  }
}

TEST(Lags, OfTheRuleThatLearnsAreWaitedForToo) {
  const Compared found = compared({"rule.name=f_bptt", "rule.L=4", "watch.rules=rtrl,snap"});
  found.expect_all_alike();
  EXPECT_EQ(found.at, numbers(3, 23, 1));
}

TEST(Lags, AreCountedInIntervals) {
  const std::vector<std::string> tens = {"update.every=10", "watch.every=2"};
  const auto with = [&](const std::string& rules) { return compared({tens[0], tens[1], "watch.rules=" + rules}); };
  const Compared whole = with("[\"tbptt\",\"f_bptt(L=11)\",\"f_bptt(L=31)\"]");
  whole.expect_all_alike();
  EXPECT_EQ(whole.at, numbers(4, 23, 2));
  // A lag of 15 steps has no gradient of the same ten: it is compared as it comes, and nothing waits for it.
  const Compared part = with("[\"tbptt\",\"f_bptt(L=16)\"]");
  EXPECT_NEAR(part.cosine(trained_rule, "tbptt"), 1, 1e-12);
  EXPECT_LT(part.cosine(trained_rule, "f_bptt(L=16)"), 0.99);
  EXPECT_EQ(part.at, numbers(0, 23, 2));
}

// Where weights lead from step to step the rules are not alike. What a weight does at step s to the losses of s and s +
// 1 is what f_bptt(L=2) gives one step later; it is put together here of what past-facing rules give at each step.
TEST(Lags, GiveTheCosineOfTheSameSteps) {
  const std::size_t T = 12;
  const auto with = [&](const std::vector<std::string>& changes) {
    return Config::parse(
        "seed=3\ndtype='float64'\n[model]\ncell='leaky'\nhidden=5\nalpha=0.7\ngain=0.9\n[loss]\nname='mse'\n[rule]\n"
        "name='rtrl'\n[update]\nevery=1\n[optimizer]\nname='sgd'\nlr=0.0\n[task]\nname='sine'\nlength=12\nrows=1\n"
        "[watch]\nrules=['f_bptt(L=2)']\nevery=1\n[train]\nepochs=1\n",
        "test", changes);
  };
  const Config config = with({});
  const auto task = make_task(config);
  const RunResult result = train(config, *task, {});
  const auto steps_of = [&](const std::vector<std::string>& rule) {
    GradientRequest request;
    request.per_step = true;
    const Arrays found = gradient(with(rule), *task, result.parameters, "test", request);
    std::vector<std::vector<double>> steps(T);
    for (const char* name : {"W_rec", "W_in", "b_h"}) {
      const std::vector<double>& all = found.at(std::string("grad_t/") + name).f64;
      const auto size = static_cast<std::ptrdiff_t>(all.size() / T);
      for (std::size_t t = 0; t < T; ++t) {
        const auto from = all.begin() + static_cast<std::ptrdiff_t>(t) * size;
        steps[t].insert(steps[t].end(), from, from + size);
      }
    }
    return steps;
  };
  const auto exact = steps_of({}), own = steps_of({"rule.name=immediate"}),
             both = steps_of({"rule.name=rolling_tbptt", "rule.L=2"});
  double sum = 0;
  for (std::size_t s = 0; s + 2 < T; ++s) {  // the last loss of the row is told with all that waits
    std::vector<double> charged = own[s];
    for (std::size_t i = 0; i < charged.size(); ++i) charged[i] += both[s + 1][i] - own[s + 1][i];
    sum += Products(std::span<const double>(exact[s]), std::span<const double>(charged)).cosine();
  }
  ASSERT_EQ(result.alignment.at(0).group, "cell");
  EXPECT_NEAR(result.alignment[0].cosine, sum / (T - 2), 1e-12);
  EXPECT_LT(result.alignment[0].cosine, 0.999);
}

TEST(Lags, EndWithARow) {
  // Rows of 8 steps, of which the last brings all that waits.
  const Compared found = compared({"task.length=8", "watch.rules=[\"f_bptt(L=4)\"]"});
  found.expect_all_alike();
  EXPECT_THAT(found.at, ElementsAre(3, 4, 5, 6, 11, 12, 13, 14, 19, 20, 21, 22));
  const Compared learns = compared({"task.length=8", "rule.name=f_bptt", "rule.L=4", "watch.rules=rtrl"});
  learns.expect_all_alike();
  EXPECT_EQ(learns.at, found.at);
  // Whole rows have no lag.
  const Compared rows = compared({"task.length=8", "update.every=trial", "watch.rules=[\"f_bptt(L=4)\"]"});
  rows.expect_all_alike();
  EXPECT_EQ(rows.at, numbers(0, 23, 1));
}

TEST(Lags, OfShardsAreWaitedForToTheSameBits) {
  const std::vector<std::string> shards = {"train.batch=96", "watch.rules=[\"f_bptt(L=4)\",\"uoro\"]", "watch.every=2",
                                           "model.gain=0.9"};
  const Compared one = compared(shards), three = compared(shards, 3);
  ASSERT_EQ(one.result.alignment.size(), three.result.alignment.size());
  for (std::size_t i = 0; i < one.result.alignment.size(); ++i) {
    EXPECT_THAT(three.result.alignment[i].cosine, testing::NanSensitiveDoubleEq(one.result.alignment[i].cosine));
    EXPECT_THAT(three.result.alignment[i].norm_ratio,
                testing::NanSensitiveDoubleEq(one.result.alignment[i].norm_ratio));
  }
  EXPECT_EQ(one.at, three.at);
  compared({"train.batch=96", "watch.rules=[\"f_bptt(L=4)\",\"immediate\"]", "watch.every=2"}).expect_all_alike();
}

}  // namespace
}  // namespace chronograd
