// SPDX-License-Identifier: Apache-2.0
// What groups are called and look like, and runs that ended without a number.
#include <gmock/gmock.h>

#include <cmath>

#include "report/figures.hpp"
#include "report/report.hpp"
#include "report/run_folders.hpp"
#include "report/tables.hpp"
#include "report/verdict.hpp"

namespace chronograd {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

std::string rule(const std::string& name, const std::string& settings) {
  return ", \"rule\": {\"name\": \"" + name + "\", " + settings + "}";
}

TEST_F(Runs, KeepTheSettingsOfTheirRuleInTheirNames) {
  add("1", {.rule = "snap", .more_settings = rule("snap", "\"n\": 1"), .given = "\"rule.name\", \"rule.n\""});
  add("2", {.rule = "tbptt", .more_settings = rule("tbptt", "\"L\": 20"), .given = "\"rule.L\", \"optimizer.lr\""});
  add("3", {.rule = "rflo", .more_settings = rule("rflo", "\"feedback\": \"symmetric\""), .given = "\"rule.name\""});
  std::vector<std::string> labels;
  for (const RunGroup& group : groups()) labels.push_back(group.label);
  EXPECT_THAT(labels, UnorderedElementsAre("snap(n=1)", "tbptt(L=20)", "rflo")) << "defaults need no name";
  EXPECT_EQ(swept_setting(groups()), "") << "a setting that was given differs from none";
}

TEST_F(Runs, OfTwoSettingsOfARuleAreTwoRules) {
  for (const char* n : {"1", "2"})
    for (const char* lr : {"0.01", "0.1"})
      add(std::string(n) + lr, {.rule = "snap",
                                .lr = lr,
                                .more_settings = rule("snap", std::string("\"n\": ") + n),
                                .given = "\"rule.n\"",
                                .loss = std::string(lr) == "0.1" ? 0.4 : 0.5});
  const auto found = groups();
  ASSERT_EQ(found.size(), 4U);
  const auto best = best_of_each_rule(found);
  ASSERT_EQ(best.size(), 2U);
  EXPECT_EQ(found[best[0]].label, "snap(n=1, optimizer.lr=0.1)");
  EXPECT_EQ(found[best[1]].label, "snap(n=2, optimizer.lr=0.1)");
  const std::string page = report_html(records_, {});
  EXPECT_THAT(page, HasSubstr("snap(n=2, optimizer.lr=0.1)"));
}

TEST_F(Runs, LeaveRatesOutWhereTheirRulesTellThemApart) {
  for (const char* n : {"1", "2"})
    add(n, {.rule = "snap",
            .lr = std::string(n) == "1" ? "0.01" : "0.1",
            .more_settings = rule("snap", std::string("\"n\": ") + n),
            .given = "\"rule.n\", \"optimizer.lr\""});
  const auto found = groups();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].label, "snap(n=1)");
  EXPECT_EQ(found[1].label, "snap(n=2)");
}

TEST_F(Runs, DoNotNameWhatOnlyOthersWereGiven) {
  add("1", {.rule = "snap", .more_settings = rule("snap", "\"n\": 1, \"reach\": 0"), .given = "\"rule.n\""});
  add("2",
      {.rule = "snap", .more_settings = rule("snap", "\"n\": 1, \"reach\": 8"), .given = "\"rule.n\", \"rule.reach\""});
  std::vector<std::string> labels;
  for (const RunGroup& group : groups()) labels.push_back(group.label);
  EXPECT_THAT(labels, UnorderedElementsAre("snap(n=1)", "snap(n=1, reach=8)"));
}

TEST_F(Runs, OfAComparisonAreAllShown) {
  for (const char* n : {"1", "2"})
    add(std::string("c/") + n,
        {.rule = "snap", .more_settings = rule("snap", std::string("\"n\": ") + n), .given = "\"rule.n\""});
  EXPECT_EQ(swept_setting(groups()), "rule.n");
  write_text(folder_ / "c/comparison.json", "{\"rules\": []}");
  const auto found = groups();
  EXPECT_EQ(swept_setting(found), "") << "each was asked for by name";
  EXPECT_THAT(sweep_maps(found), testing::IsEmpty());
  const std::string page = report_html(records_, {});
  EXPECT_THAT(page, HasSubstr("</svg>\nsnap(n=1)</th>"));
  EXPECT_THAT(page, HasSubstr("</svg>\nsnap(n=2)</th>"));
}

TEST_F(Runs, WithoutAFinalLossWereNotMeasuredAndDidNotDiverge) {
  add("a", {.seed = "0", .loss = 0.5});
  add("b", {.seed = "1", .loss = NAN, .lines = {"{\"update\": 1, \"steps\": 10, \"loss\": 0.5}"}});
  const auto found = groups();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].diverged, 0);
  EXPECT_EQ(found[0].not_measured, 1);
  EXPECT_EQ(found[0].loss.count, 1);
  EXPECT_THAT(warnings_of(found, records_),
              Contains("rtrl: 1 of 2 runs ended without a test loss: not measured. They are "
                       "left out of means."));
  const HtmlTable table = headline_table(found, criterion_for(found));
  EXPECT_EQ(table.rows.at(0).cells.back(), "2, 1 not measured");
}

TEST_F(Runs, AreNotJudgedByTheTrainingLossOfOneAndTheTestLossOfAnother) {
  add("tested", {.loss = 0.5});
  add("untested", {.rule = "rflo", .loss = 0.3});
  write_text(folder_ / "untested/summary.json",
             "{\"status\": \"done\", \"steps\": 30, \"stream_steps\": 30, \"train\": {\"loss\": 0.3}, \"test\": "
             "{\"loss\": null}}");
  const auto found = groups();
  EXPECT_EQ(found.at(0).loss.mean, 0.5);
  EXPECT_TRUE(std::isnan(found.at(1).loss.mean));
  EXPECT_THAT(verdict_text(found), Not(HasSubstr("0.3")));
  write_text(folder_ / "tested/summary.json",
             "{\"status\": \"done\", \"steps\": 30, \"stream_steps\": 30, \"train\": {\"loss\": 0.4}}");
  EXPECT_EQ(groups().at(0).loss.mean, 0.4) << "where no run was tested, all are judged by their training";
}

TEST_F(Runs, WithoutATestAreJudgedByTheirValidation) {
  const auto untested = [](const char* train, const char* validation) {
    return std::string("{\"status\": \"done\", \"steps\": 30, \"stream_steps\": 30, \"train\": {\"loss\": ") + train +
           ", \"steps\": 9}, \"test\": {\"loss\": null, \"steps\": null}, \"validation\": {\"loss\": " + validation +
           ", \"steps\": 9}}";
  };
  add("a", {});
  add("b", {.rule = "rflo"});
  write_text(folder_ / "a/summary.json", untested("0.2", "0.6"));
  write_text(folder_ / "b/summary.json", untested("0.3", "0.4"));
  const auto found = groups();
  EXPECT_EQ(found.at(0).loss.mean, 0.6);
  EXPECT_EQ(found.at(0).loss_name(), "validation loss");
  EXPECT_THAT(verdict_text(found), HasSubstr("rflo ends lowest: validation loss 0.4"));
}

TEST_F(Runs, WhoseSeedWasEditedAreStillRead) {
  add("a", {.seed = "\"none\""});
  EXPECT_EQ(groups().size(), 1U);
}

TEST_F(Runs, ThatWereNeverMeasuredAreNoDivergence) {
  add("1", {.loss = NAN, .lines = {"{\"update\": 1, \"steps\": 10, \"loss\": null}"}});
  const auto found = groups();
  EXPECT_THAT(verdict_text(found), HasSubstr("No final loss was measured"));
  EXPECT_THAT(report_html(records_, {}), Not(HasSubstr("diverged</td>")));
}

}  // namespace
}  // namespace chronograd
