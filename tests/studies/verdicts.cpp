// SPDX-License-Identifier: Apache-2.0
// What is measured of runs, and what is said about claims.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "chronograd/error.hpp"
#include "studies/study.hpp"

namespace chronograd {
namespace {

RunResult run_with(double test_loss, RunResult::Status status = RunResult::Status::done) {
  RunResult run;
  run.status = status;
  run.train = {7, 0.25, not_measured, 10};
  run.test = {test_loss, 0.5, not_measured, 10};
  run.level = 9;
  run.parameters.emplace("W_in", Array::of({2, 1}, std::vector<double>{3, 4}));
  return run;
}

double measured(const std::string& text, const RunResult& run) {
  return measure_of("here", text).of(run);
}

TEST(Measure, IsOfTheRunsEnd) {
  const RunResult run = run_with(2);
  EXPECT_EQ(measured("loss", run), 2);
  EXPECT_EQ(measured("accuracy", run), 0.5);
  EXPECT_EQ(measured("level", run), 9);
  EXPECT_EQ(measured("W_in[1]", run), 4);
  EXPECT_TRUE(std::isnan(measured("us_per_step_cpu", run)));
  EXPECT_TRUE(std::isnan(measured("rule_bytes_a_weight", run)));
  RunResult counted = run;
  counted.cpu_seconds = 3;
  counted.stream_steps = 1000;
  counted.rule_bytes = 340;
  counted.parameter_count = 30;
  EXPECT_EQ(measured("us_per_step_cpu", counted), 3000);
  EXPECT_DOUBLE_EQ(measured("rule_bytes_a_weight", counted), 340.0 / 30);
  EXPECT_TRUE(std::isnan(measured("W_in[2]", run)));
  EXPECT_TRUE(std::isnan(measured("W_out[0]", run)));
  RunResult other = run_with(not_measured);
  other.test.steps = 0;
  EXPECT_TRUE(std::isnan(measured("loss", other))) << "no step of the test counts: nothing stands in for it";
  other.test.steps = -1;
  EXPECT_EQ(measured("loss", other), 7) << "without a test the training loss";
  EXPECT_TRUE(std::isinf(measured("W_in[1]", run_with(2, RunResult::Status::diverged))));
}

TEST(Measure, OfTheGradientIsItsCosineWithAWatchedRule) {
  RunResult run = run_with(2);
  run.alignment = {{"cell", trained_rule, "snap(n=1)", 0.75, 1},
                   {"W_in", trained_rule, "snap(n=1)", 0.5, 1},
                   {"cell", "snap(n=1)", "rtrl", 0.25, 1}};
  EXPECT_EQ(measured("cosine(snap(n=1))", run), 0.75);
  EXPECT_EQ(measured("cosine(snap(n=1))[W_in]", run), 0.5);
  EXPECT_TRUE(std::isnan(measured("cosine(rtrl)", run))) << "not of the rule that learnt";
  EXPECT_TRUE(std::isnan(measured("cosine(snap(n=1))[W_rec]", run)));
}

TEST(Measure, OfAChangeIsWhatItsLargestSingularValuesHold) {
  RunResult run = run_with(2);
  const std::vector<double> before = {1, 1, 1, 1}, after = {1 + 3, 1, 1 + 4, 1 + 5};  // values sqrt(45), sqrt(5)
  run.initial.emplace("W_rec", Array::of({2, 2}, before));
  run.parameters.emplace("W_rec", Array::of({2, 2}, after));
  EXPECT_NEAR(measured("change(W_rec)[1]", run), 0.9, 1e-14);
  EXPECT_NEAR(measured("change(W_rec)[2]", run), 1, 1e-14);
  EXPECT_TRUE(std::isnan(measured("change(W_in)[1]", run))) << "its beginning is not known";
  run.parameters["W_rec"] = run.initial["W_rec"];
  EXPECT_TRUE(std::isnan(measured("change(W_rec)[1]", run))) << "nothing changed";
}

TEST(Measure, RefusesWhatIsNone) {
  for (const char* text :
       {"", "los", "loss[", "W_in[", "W_in[]", "W_in[-1]", "W_in[1]x", "[0]", "(rtrl)", "cosine", "cosine()",
        "change(W_rec)", "change(W_rec)[0]", "change(W_rec)[x]", "W_in(rtrl)[1]", "loss(rtrl)"})
    EXPECT_THROW(measure_of("here", text), Error) << text;
}

/// Three rules with losses of three seeds each.
Comparison comparison() {
  Comparison out;
  const std::pair<std::string, std::vector<double>> rules[] = {
      {"a", {1, 2, 3}}, {"b", {2.5, 1.5, 2.6}}, {"c", {9, 5, 6}}};
  for (const auto& [name, losses] : rules) {
    ComparisonRow row{};
    row.method = parse_method("rule", name);
    for (double loss : losses) row.runs.push_back(run_with(loss));
    out.rows.push_back(row);
  }
  return out;
}

Claim claim(Claim::Kind kind, std::vector<std::vector<std::string>> rules, double value, double tolerance = 0) {
  Claim claim{};
  claim.kind = kind;
  claim.measure = measure_of("here", "loss");
  claim.rules = std::move(rules);
  claim.value = value;
  claim.tolerance = tolerance;
  return claim;
}

TEST(Verdict, HoldsForEverySeed) {
  using enum Claim::Kind;
  const Comparison runs = comparison();
  EXPECT_TRUE(judge(claim(near, {{"a"}}, 2, 1), runs).holds);
  EXPECT_FALSE(judge(claim(near, {{"a"}}, 2, 0.9), runs).holds);
  EXPECT_TRUE(judge(claim(below, {{"a", "b"}}, 3.1), runs).holds);
  EXPECT_FALSE(judge(claim(below, {{"a", "b"}}, 3), runs).holds);
  EXPECT_TRUE(judge(claim(above, {{"c"}}, 4), runs).holds);
  EXPECT_FALSE(judge(claim(above, {{"c", "a"}}, 4), runs).holds);
  EXPECT_TRUE(judge(claim(apart, {{"a"}}, 0, 0.5), runs).holds);
  EXPECT_FALSE(judge(claim(apart, {{"a"}}, 0, 1), runs).holds);
  EXPECT_THAT(judge(claim(below, {{"a", "b"}}, 3), runs).measured, testing::HasSubstr("loss = 1 ... 3"));
}

TEST(Verdict, ComparesMedians) {
  using enum Claim::Kind;
  const Comparison runs = comparison();  // medians 2, 2.5, 6
  EXPECT_TRUE(judge(claim(order, {{"a"}, {"b"}, {"c"}}, 1), runs).holds);
  EXPECT_TRUE(judge(claim(order, {{"b", "a"}, {"c"}}, 2.3), runs).holds);
  EXPECT_FALSE(judge(claim(order, {{"b", "a"}, {"c"}}, 2.4), runs).holds) << "the worst of the better group counts";
  EXPECT_FALSE(judge(claim(order, {{"c"}, {"a"}}, 1), runs).holds);
  EXPECT_FALSE(judge(claim(order, {{"a"}, {"a"}}, 1), runs).holds);
  EXPECT_TRUE(judge(claim(similar, {{"a"}, {"b"}}, 1.26), runs).holds);
  EXPECT_FALSE(judge(claim(similar, {{"a"}, {"b"}}, 1.24), runs).holds);
}

TEST(Verdict, OfSeedsComparesEachByItself) {
  using enum Claim::Kind;
  const Comparison runs = comparison();  // a 1 2 3, b 2.5 1.5 2.6, c 9 5 6
  const auto of_seeds = [](Claim one) {
    one.of_seeds = true;
    return one;
  };
  EXPECT_TRUE(judge(of_seeds(claim(order, {{"a", "b"}, {"c"}}, 1.9)), runs).holds);
  EXPECT_FALSE(judge(of_seeds(claim(order, {{"a", "b"}, {"c"}}, 2.1)), runs).holds) << "6 against 3 in the last";
  EXPECT_FALSE(judge(of_seeds(claim(order, {{"a"}, {"b"}}, 1)), runs).holds) << "the medians are in order";
  EXPECT_TRUE(judge(of_seeds(claim(similar, {{"a"}, {"b"}}, 2.6)), runs).holds);
  EXPECT_FALSE(judge(of_seeds(claim(similar, {{"a"}, {"b"}}, 2.4)), runs).holds);
  EXPECT_THAT(judge(of_seeds(claim(order, {{"a"}, {"c"}}, 1)), runs).measured,
              testing::HasSubstr("loss: 1 < 9; loss: 2 < 5; loss: 3 < 6"));
}

TEST(Verdict, MarginsAreDifferencesOfMedians) {
  using enum Claim::Kind;
  const Comparison runs = comparison();  // medians 2, 2.5, 6
  EXPECT_TRUE(judge(claim(order, {{"a"}, {"b"}}, 1, 0.4), runs).holds);
  EXPECT_FALSE(judge(claim(order, {{"a"}, {"b"}}, 1, 0.6), runs).holds);
  EXPECT_TRUE(judge(claim(order, {{"b"}, {"a"}}, 1, -0.6), runs).holds) << "at most 0.6 above it";
  EXPECT_FALSE(judge(claim(order, {{"b"}, {"a"}}, 1, -0.4), runs).holds);
  EXPECT_TRUE(judge(claim(similar, {{"a"}, {"b"}}, 1, 0.6), runs).holds);
  EXPECT_FALSE(judge(claim(similar, {{"a"}, {"b"}}, 1, 0.4), runs).holds);
  EXPECT_THAT(judge(claim(order, {{"a"}, {"b"}}, 1, 0.4), runs).measured,
              testing::HasSubstr("2 < 2.5, asked for steps of more than 0.4"));
}

TEST(Verdict, NoAccuracyIsClaimedOfARunThatDiverged) {
  using enum Claim::Kind;
  Comparison runs = comparison();
  for (ComparisonRow& row : runs.rows)
    for (RunResult& run : row.runs) run.test.accuracy = 0.8;
  Claim least = claim(above, {{"a"}}, 0.7);
  least.measure = measure_of("here", "accuracy");
  EXPECT_TRUE(judge(least, runs).holds);
  runs.rows[0].runs[1].status = RunResult::Status::diverged;
  EXPECT_FALSE(judge(least, runs).holds);
}

TEST(Verdict, OfTheMedianIsThatOfEachRule) {
  using enum Claim::Kind;
  const Comparison runs = comparison();  // medians 2, 2.5, 6
  const auto of_median = [](Claim one) {
    one.of_median = true;
    return one;
  };
  EXPECT_TRUE(judge(of_median(claim(below, {{"a", "b"}}, 2.6)), runs).holds);
  EXPECT_FALSE(judge(of_median(claim(below, {{"a", "b"}}, 2.5)), runs).holds);
  EXPECT_TRUE(judge(of_median(claim(near, {{"c"}}, 6.1, 0.2)), runs).holds);
  EXPECT_THAT(judge(of_median(claim(above, {{"b"}}, 2)), runs).measured, testing::HasSubstr("median loss = 2.5,"));
}

TEST(Verdict, DivergedRunsAreInfinitelyFar) {
  using enum Claim::Kind;
  Comparison runs = comparison();
  runs.rows[0].runs[2].status = RunResult::Status::diverged;
  EXPECT_FALSE(judge(claim(below, {{"a"}}, 1e300), runs).holds);
  EXPECT_FALSE(judge(claim(near, {{"a"}}, 2, 1e300), runs).holds);
  EXPECT_TRUE(judge(claim(apart, {{"a"}}, 0, 0.5), runs).holds);
  runs.rows[0].runs[1].status = RunResult::Status::diverged;
  EXPECT_FALSE(judge(claim(similar, {{"a"}, {"b"}}, 1e9), runs).holds) << "the median diverged";
  EXPECT_TRUE(judge(claim(order, {{"b"}, {"a"}}, 100), runs).holds);
}

TEST(Verdict, WhatWasNotMeasuredHoldsNowhere) {
  using enum Claim::Kind;
  Comparison runs = comparison();
  for (auto kind : {near, below, above, apart, order, similar}) {
    Claim asked = claim(kind, {{"a"}, {"c"}}, 1, 1e9);
    asked.measure = measure_of("here", "W_out[0]");
    EXPECT_FALSE(judge(asked, runs).holds);
  }
}

}  // namespace
}  // namespace chronograd
