// SPDX-License-Identifier: Apache-2.0
// Candidates against all that is as cheap, on numbers of which the verdict is known; and rules at rates of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "studies/study.hpp"

namespace chronograd {
namespace {

/// A rule's losses, seed by seed (infinite: it diverged), and its time.
struct Given {
  std::string rule;
  double us;
  std::vector<double> losses;
};

Comparison comparison_of(const std::vector<Given>& rules) {
  Comparison comparison;
  for (const Given& given : rules) {
    ComparisonRow row{};
    row.method = parse_method("rule", given.rule);
    row.us_per_step_cpu = given.us;
    for (const double loss : given.losses) {
      RunResult run;
      run.test = {loss, 0.5, not_measured, 10};
      if (std::isinf(loss)) run.status = RunResult::Status::diverged;
      row.diverged += std::isinf(loss);
      row.runs.push_back(run);
    }
    comparison.rows.push_back(row);
  }
  return comparison;
}

/// The verdict on `own` beside three others in one group of runs, of which `needs` must be beaten.
FrontVerdict verdict_of(const std::vector<Given>& rules, int needs = 1) {
  StudyRuns runs{};
  runs.name = "task";
  for (const Given& given : rules) runs.rules.push_back(given.rule);
  return judge_front({{"own"}, {}, "beside", needs}, {runs}, {comparison_of(rules)}).at(0);
}

const double inf = std::numeric_limits<double>::infinity();

TEST(FrontOfRules, IsBeatenByMoreThanTwoErrorsOfThePairedDifference) {
  // Differences -0.1, -0.2, -0.3: mean -0.2, standard error 0.1/sqrt(3) = 0.0577.
  const Given own{"own", 1, {1.0, 1.1, 1.2}}, cheap{"cheap", 1.05, {1.1, 1.3, 1.5}}, beside{"beside", 2, {2, 2, 2}};
  const FrontVerdict verdict = verdict_of({own, cheap, beside});
  EXPECT_TRUE(verdict.holds);
  EXPECT_EQ(verdict.beaten, 1);
  EXPECT_EQ(verdict.entries[0].rule, "cheap") << "a twentieth more time is as cheap, twice the time is not";
  EXPECT_NEAR(verdict.entries[0].difference, -0.2, 1e-12);
  EXPECT_NEAR(verdict.entries[0].error, 0.1 / std::sqrt(3.0), 1e-12);
  // -0.1, -0.2, -0.9: mean -0.4, standard error 0.2517: less than twice.
  EXPECT_FALSE(verdict_of({own, {"cheap", 1, {1.1, 1.3, 2.1}}, beside}).holds);
  // A rule that takes longer may be better.
  EXPECT_TRUE(verdict_of({own, cheap, beside, {"dear", 1.06, {0, 0, 0}}}).holds);
  EXPECT_FALSE(verdict_of({own, cheap, beside, {"near", 1.04, {0, 0, 0}}}).holds) << "each of them must be beaten";
  EXPECT_FALSE(verdict_of({own, cheap, beside}, 2).holds) << "one task is not two";
}

TEST(FrontOfRules, IsNotBeatenByRunsThatDivergeOrByOneSeed) {
  const Given cheap{"cheap", 1, {1.1, 1.3, 1.5}}, beside{"beside", 1, {2, 2, 2}};
  EXPECT_FALSE(verdict_of({{"own", 1, {0.1, 0.2, inf}}, cheap, beside}).holds);
  EXPECT_FALSE(verdict_of({{"own", 1, {0.1}}, {"cheap", 1, {1.1}}, {"beside", 1, {2}}}).holds);
  EXPECT_TRUE(verdict_of({{"own", 1, {0.1, 0.2, 0.1}}, {"cheap", 1, {inf, inf, inf}}, beside}).holds);
}

TEST(FrontOfRules, SecondClaimIsAboutTheBestWhateverItCosts) {
  const auto near = [](const std::vector<Given>& rules) {
    StudyRuns runs{};
    runs.name = "task";
    for (const Given& given : rules) runs.rules.push_back(given.rule);
    const Front front{{"own"}, {}, "beside", 1, true};
    const FrontVerdict verdict = judge_front(front, {runs}, {comparison_of(rules)}).at(0);
    EXPECT_THAT(front_text(front, {verdict}),
                testing::HasSubstr(verdict.near == 1 ? "own is within 2 standard errors of the best other rule"
                                                     : "own is not within 2 standard errors"));
    return verdict;
  };
  const Given own{"own", 1, {1.0, 1.1, 1.2}}, beside{"beside", 1, {2, 2, 2}};
  // Differences 0.1, 0.1, -0.1: mean 0.033, standard error 0.067.
  EXPECT_EQ(near({own, beside, {"dear", 9, {0.9, 1.0, 1.3}}}).near, 1);
  // 0.1, 0.2, 0.3: mean 0.2, standard error 0.058.
  const FrontVerdict far = near({own, beside, {"dear", 9, {0.9, 0.9, 0.9}}});
  EXPECT_EQ(far.near, 0);
  EXPECT_EQ(far.entries[0].best, "dear");
  EXPECT_NEAR(far.entries[0].best_difference, 0.2, 1e-12);
  EXPECT_NEAR(far.entries[0].best_error, 0.1 / std::sqrt(3.0), 1e-12);
  EXPECT_EQ(near({{"own", 1, {1.0, 1.1, inf}}, beside}).near, 0) << "one that diverges is near nothing";
  EXPECT_EQ(near({own, {"beside", 1, {inf, inf, inf}}}).near, 1) << "nothing is below it";
}

/// In each group of runs the candidate may have other settings.
TEST(FrontOfRules, MayBeNamedWithoutTheirSettings) {
  std::vector<StudyRuns> runs(2);
  runs[0].rules = {"own(n=1)", "beside"};
  runs[1].rules = {"beside", "own(n=2)"};
  const Given better{"own", 1, {1, 1.1, 1.2}}, worse{"beside", 1, {2, 2.1, 2.3}};
  const FrontVerdict verdict = judge_front({{"own"}, {}, "beside", 2}, runs,
                                           {comparison_of({better, worse}), comparison_of({worse, better})})[0];
  EXPECT_EQ(verdict.beaten, 2);
  EXPECT_EQ(verdict.candidate, "own");
}

TEST(FrontOfRules, IsNotAboveARuleThatAlwaysDiverges) {
  const Given own{"own", 1, {1, 1.1, 1.2}}, cheap{"cheap", 1, {2, 2.1, 2.3}};
  EXPECT_TRUE(verdict_of({own, cheap, {"beside", 1, {inf, inf, inf}}}).holds);
  EXPECT_FALSE(verdict_of({{"own", 1, {inf, inf, inf}}, cheap, {"beside", 1, {inf, inf, inf}}}).holds);
}

TEST(FrontOfRules, HoldsNowhereAboveTheRuleBeside) {
  std::vector<StudyRuns> runs(3);
  for (StudyRuns& group : runs) group.rules = {"own", "beside"};
  runs[0].name = "first";
  runs[1].name = "second";
  runs[2].name = "third";
  const Front front{{"own"}, {"third"}, "beside", 2};
  const Comparison won = comparison_of({{"own", 1, {1, 1.1, 1.2}}, {"beside", 1, {2, 2.1, 2.3}}}),
                   even = comparison_of({{"own", 1, {1, 1.3, 1.1}}, {"beside", 1, {1.1, 1.1, 1.1}}}),
                   lost = comparison_of({{"own", 1, {3, 3.1, 3.2}}, {"beside", 1, {2, 2.1, 2.3}}});
  EXPECT_TRUE(judge_front(front, runs, {won, won, even})[0].holds);
  EXPECT_FALSE(judge_front(front, runs, {won, won, lost})[0].holds);
  const FrontVerdict with_control = judge_front(front, runs, {won, even, won})[0];
  EXPECT_EQ(with_control.beaten, 1) << "a control counts for nothing";
  EXPECT_FALSE(with_control.holds);
  EXPECT_THAT(front_text(front, {with_control}),
              testing::AllOf(testing::HasSubstr("third (control)"),
                             testing::HasSubstr("own does not beat the front: 1 of 2 tasks, asked for 2")));
}

TEST(Tuning, GivesEachRuleTheValueThatIsBestForIt) {
  const Config config = Config::parse(
      "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[task]\nname='sine'\n"
      "[train]\nepochs=30\n",
      "test");
  ComparisonOptions options;
  options.alignment = options.times = false;
  const std::vector<Method> methods = parse_methods("rules", {"rflo", "readout_only(optimizer.lr=0.02)", "rtrl"});
  const std::vector<Method> found = tuned(config, methods, {"optimizer.lr=1e-9,0.03,1e9"}, {5, 6}, options);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].word, "rflo(optimizer.lr=0.03)") << "one that does nothing, one that diverges";
  EXPECT_EQ(found[1].word, "readout_only(optimizer.lr=0.02)") << "what the word sets stays";
  EXPECT_EQ(found[2].word, "rtrl(optimizer.lr=0.03)");
}

class RunsSeen final : public Observer {
 public:
  void expects(int count) override { runs += count; }
  int runs = 0;
};

/// With and without averaged weights a rule learns the same: what both test at is read from one run.
TEST(Tuning, ReadsTheTestWithoutAveragedWeightsFromTheRunWithThem) {
  const Config config = Config::parse(
      "[model]\ncell='leaky'\nhidden=6\n[loss]\nname='cross_entropy'\n[rule]\nname='rtrl'\n[update]\nevery=1\n"
      "[task]\nname='add'\n[train]\nsteps=400\ntest_steps=400\n",
      "test");
  ComparisonOptions options;
  options.alignment = options.times = false;
  std::vector<std::string> chosen;
  for (const std::string lr : {"0.001", "0.5"})
    for (const Method& method : parse_methods("rules", {"rtrl", "rflo(train.average=0)"})) {
      RunsSeen seen;
      ComparisonOptions watched = options;
      watched.observer = &seen;
      const std::vector<Method> found =
          tuned(config, {method}, {"optimizer.lr=" + lr, "train.average=0,0.1"}, {5, 6}, watched);
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(seen.runs, 2) << "one a seed";
      // As if both had been run.
      std::string best;
      double least = inf;
      for (const char* average : {"0", "0.1"}) {
        Method::Settings settings = {{"optimizer.lr", lr}};
        if (!method.sets("train.average")) settings.emplace_back("train.average", average);
        const double loss = compare(config, {method.with(settings)}, {5, 6}, options).rows[0].loss.mean;
        if (loss < least) best = method.with(settings).word;
        least = std::min(least, loss);
      }
      EXPECT_EQ(found[0].word, best);
      chosen.push_back(best);
    }
  EXPECT_THAT(chosen, testing::Contains("rtrl(optimizer.lr=0.001, train.average=0)"));
  EXPECT_THAT(chosen, testing::Contains("rtrl(optimizer.lr=0.5, train.average=0.1)"));
}

}  // namespace
}  // namespace chronograd
