// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "studies/small_sweep.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> axes = {"rule.name=rtrl,rflo", "optimizer.lr=0.01,0.1,1"};

/// rtrl: 0.5, 0.4 (one diverged), all diverged. rflo: falls with the rate.
JobRecord outcome(const SweepJob& job) {
  const bool rtrl = job.values[0] == "rtrl";
  if (job.values[1] == "1" && rtrl) return record_of(JobStatus::diverged);
  if (job.values[1] == "0.1" && rtrl && job.seed == 1) return record_of(JobStatus::diverged);
  const double rate = std::stod(job.values[1]);
  return record_of(JobStatus::done, (rtrl ? 0.51 - rate : 0.9 - 0.1 * rate) + 0.02 * static_cast<double>(job.seed));
}

TEST(SweepSummary, RunsThatDivergedCountAgainstARate) {
  const Sweep sweep = made_up(small_plan(axes), outcome);
  const SweepSummary summary = summarise(sweep);
  ASSERT_EQ(summary.best.size(), 2U);
  const SweepRow& rtrl = summary.rows[summary.best[0]];
  EXPECT_EQ(rtrl.values[1], "0.01");  // 0.1 has the smaller mean, over the one seed that was lucky
  EXPECT_NEAR(rtrl.loss.mean, 0.51, 1e-12);
  EXPECT_EQ(rtrl.loss.count, 2);
  EXPECT_NEAR(summary.rows[1].loss.mean, 0.41, 1e-12);  // without the diverged one
  EXPECT_EQ(summary.rows[1].diverged, 1);
  EXPECT_EQ(summary.done, 9);
  EXPECT_EQ(summary.diverged, 3);
}

TEST(SweepSummary, WarnsWhereTheBestLiesAtTheEdge) {
  const Sweep sweep = made_up(small_plan(axes), outcome);
  const std::string text = summary_text(sweep, summarise(sweep));
  EXPECT_THAT(
      text,
      HasSubstr("warning: rtrl: the best optimizer.lr, 0.01, is the smallest that was tried. A better one may lie "
                "beyond: extend the axis.\n"));
  EXPECT_THAT(text, HasSubstr("warning: rflo: the best optimizer.lr, 1, is the largest that was tried."));
  EXPECT_THAT(text, HasSubstr("optimizer.lr  0.01     0.1              1\n"
                              "rtrl          0.5100*  0.4100 (1 of 2)  diverged\n"
                              "rflo          0.9090   0.9000           0.8100*\n"));
  EXPECT_THAT(text, HasSubstr("12 jobs: 9 done, 3 diverged, 0 failed, 0 not run\n"));
  // Where the neighbour on the far side diverged, the best is no edge.
  const Sweep inside = made_up(small_plan(axes), [](const SweepJob& job) {
    return job.values[1] == "1" ? record_of(JobStatus::diverged)
                                : record_of(JobStatus::done, job.values[1] == "0.1" ? 0.1 : 0.2);
  });
  EXPECT_THAT(summary_text(inside, summarise(inside)), Not(HasSubstr("warning")));
}

TEST(SweepSummary, ListsFailures) {
  const Sweep sweep = made_up(small_plan(axes), [](const SweepJob& job) {
    JobRecord record = job.number == 3 ? record_of(JobStatus::failed) : outcome(job);
    if (job.number == 3) record.error = "[x] disk full.";
    return record;
  });
  const SweepSummary summary = summarise(sweep);
  EXPECT_THAT(summary_text(sweep, summary),
              HasSubstr("failed: job 3, rtrl, optimizer.lr=0.1, seed 1: [x] disk full.\n"));
  const auto json = nlohmann::json::parse(summary_json(sweep, summary));
  EXPECT_EQ(json["failed"], 1);
  EXPECT_EQ(json["failures"][0]["error"], "[x] disk full.");
  EXPECT_EQ(json["rows"][json["best"]["rflo"].get<std::size_t>()]["values"]["optimizer.lr"], "1");
  EXPECT_EQ(json["rows"][2]["loss"], nullptr);
  EXPECT_EQ(json["warnings"].size(), 2U);
}

TEST(SweepSummary, ARuleWithoutAnyResultHasNoBest) {
  const Sweep sweep = made_up(small_plan(axes), [](const SweepJob& job) {
    return job.values[0] == "rtrl" ? record_of(JobStatus::queued) : outcome(job);
  });
  const SweepSummary summary = summarise(sweep);
  ASSERT_EQ(summary.best.size(), 1U);
  EXPECT_EQ(summary.rows[summary.best[0]].method.word, "rflo");
  EXPECT_EQ(summary.open, 6);
}

TEST(SweepSummary, OtherAxesAreRowsOfTheMap) {
  const Sweep sweep = made_up(small_plan({"model.hidden=4,8", "optimizer.lr=0.01,0.1"}), [](const SweepJob& job) {
    return record_of(JobStatus::done, std::stod(job.values[1]) + 1 / std::stod(job.values[0]));
  });
  const std::string text = summary_text(sweep, summarise(sweep));
  EXPECT_THAT(text, HasSubstr("\nmodel.hidden=4  0.2600   0.3500\nmodel.hidden=8  0.1350*  0.2250\n"));
  EXPECT_THAT(text, HasSubstr("rflo          8             0.01          0.1350"));
}

}  // namespace
}  // namespace chronograd
