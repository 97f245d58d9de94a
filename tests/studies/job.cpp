// SPDX-License-Identifier: Apache-2.0
// A job that is stopped before its first step.
#include "studies/job.hpp"

#include <gmock/gmock.h>

#include "base/set_up.hpp"
#include "chronograd/compare.hpp"
#include "chronograd/error.hpp"
#include "studies/stop_at.hpp"

namespace chronograd {
namespace {

Config small() {
  return Config::parse(
      "[model]\ncell='leaky'\nhidden=8\n[loss]\nname='mse'\n[rule]\nname='rtrl'\n[update]\nevery=1\n[task]\n"
      "name='sine'\n[train]\nupdates=3\ntest_steps=3\n",
      "test");
}

TEST(SetUp, OfAJobIsStopped) {
  const JobSettings settings;
  {
    const StopAt watch(5);
    const JobResult result = run_job(settings, small(), "rtrl", "");
    EXPECT_EQ(result.run.status, RunResult::Status::stopped);
    EXPECT_EQ(result.run.updates, 0);
    EXPECT_THAT(watch.seen, testing::Each(testing::StartsWith("drawing W_")));
    EXPECT_EQ(watch.seen.size(), 5U);
  }
  EXPECT_EQ(run_job(settings, small(), "rtrl", "").run.status, RunResult::Status::done) << "nobody watches any more";
}

/// One rule, one seed.
Comparison compared() {
  ComparisonOptions options;
  options.alignment = options.times = false;
  return compare(small(), {parse_method("rule", "rtrl")}, {0}, options);
}

TEST(SetUp, OfTheLastJobOfAComparisonIsStopped) {
  int questions = 0;
  {
    const StopAt never(1 << 30);
    EXPECT_FALSE(compared().stopped);
    questions = static_cast<int>(never.seen.size());
  }
  ASSERT_GT(questions, 0);
  const StopAt last(questions);
  EXPECT_TRUE(compared().stopped) << "its job did not run, and nobody asks again whether to go on";
}

TEST(SetUp, SaysWhatWasInterrupted) {
  const StopAt watch(1);
  try {
    check_jobs({}, {small()}, {"rule rtrl"}, nullptr);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::interrupted);
    EXPECT_STREQ(error.what(), "[chronograd] interrupted while drawing W_rec.");
  }
}

}  // namespace
}  // namespace chronograd
