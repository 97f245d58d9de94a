// SPDX-License-Identifier: Apache-2.0
// From folders to groups of runs, to sentences, tables and figures.
#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/error.hpp"
#include "report/figures.hpp"
#include "report/report.hpp"
#include "report/run_folders.hpp"
#include "report/tables.hpp"
#include "report/verdict.hpp"

namespace chronograd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(Runs, ThatDifferInTheirSeedAreAGroup) {
  for (int seed = 0; seed < 12; ++seed)
    add("a/" + std::to_string(seed), {.seed = std::to_string(seed), .loss = seed == 3 ? 0.6 : 0.5});
  add("b/x", {.rule = "rflo", .loss = 0.7});
  const auto found = groups();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].label, "rtrl");
  EXPECT_EQ(found[0].runs.size(), 12U);
  EXPECT_EQ(found[0].runs[10]->setting("seed"), "10") << "by number, not by letter";
  EXPECT_NEAR(found[0].loss.mean, (0.5 * 11 + 0.6) / 12, 1e-12);
  EXPECT_EQ(found[0].us_per_step, 2.5);
  EXPECT_EQ(found[1].look.name, "orange");
}

TEST_F(Runs, OfOneRuleAreToldApartByWhatDiffers) {
  add("1", {.lr = "0.001", .loss = 0.6});
  add("2", {.lr = "0.01", .loss = 0.5});
  add("3", {.lr = "0.1", .status = "diverged", .loss = NAN});
  add("4", {.rule = "rflo", .lr = "0.01", .loss = 0.55});
  const auto found = groups();
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[1].label, "rtrl(optimizer.lr=0.01)");
  EXPECT_NE(found[0].look.dash, found[1].look.dash);
  EXPECT_EQ(found[3].label, "rflo");
  EXPECT_EQ(swept_setting(found), "optimizer.lr");
  EXPECT_THAT(values_of(found, "optimizer.lr"), ElementsAre("0.001", "0.01", "0.1"));
  EXPECT_THAT(best_of_each_rule(found), ElementsAre(1, 3));
  const auto maps = sweep_maps(found);
  ASSERT_EQ(maps.size(), 1U);
  EXPECT_EQ(maps[0].rows, 2U);
  EXPECT_EQ(maps[0].columns, 3U);
  ASSERT_EQ(maps[0].marked.size(), 2U);
  EXPECT_EQ(maps[0].marked[0].column, 1U);
  EXPECT_TRUE(std::isnan(maps[0].values[2])) << "it diverged";
  EXPECT_THAT(sweep_edges(found), IsEmpty());
}

TEST_F(Runs, WhoseBestLiesAtTheEdgeAreWarnedAbout) {
  add("1", {.lr = "0.001", .loss = 0.6});
  add("2", {.lr = "0.01", .loss = 0.5});
  add("3", {.lr = "0.1", .loss = 0.4});
  EXPECT_THAT(sweep_edges(groups()), ElementsAre(HasSubstr("rtrl: the best optimizer.lr is 0.1, the largest")));
}

TEST_F(Runs, BesideOtherRulesCountForAlignmentAlone) {
  add("plain", {.loss = 0.5});
  add("watched",
      {.more_settings = ", \"watch\": {\"rules\": [\"rtrl\"]}",
       .loss = 0.5,
       .lines = {"{\"update\": 1, \"steps\": 10, \"loss\": 0.5, \"cosine\": {\"rtrl\": 0.8}}",
                 "{\"update\": 2, \"steps\": 20, \"loss\": 0.5, \"cosine\": {\"rtrl\": 0.6}, "
                 "\"alignment\": {\"cosine\": {\"cell\": {\"rflo\": {\"rtrl\": 0.2}}, \"W_rec\": {\"trained\": "
                 "{\"rtrl\": 0.1}}}}, \"novel\": {\"a\": 3}}"}});
  const auto found = groups();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].runs.size(), 1U);
  EXPECT_EQ(found[0].watched.size(), 1U);
  const auto curves = alignment_curves(found);
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_EQ(curves[0].title, "Cosine with the gradient of rtrl");
  EXPECT_THAT(curves[0].series.at(0).y, ElementsAre(0.8, 0.6));
  const auto parameters = parameter_alignment_curves(found);
  ASSERT_EQ(parameters.size(), 1U);
  EXPECT_EQ(parameters[0].title, "W_rec: cosine with the gradient of rtrl");
  EXPECT_THAT(parameters[0].series.at(0).y, ElementsAre(0.1));
  ASSERT_EQ(further_curves(found).size(), 1U) << "what a later version records";
}

TEST_F(Runs, BesideSeveralRulesMakeAMap) {
  add("1", {.rule = "rflo",
            .summary = ", \"cosine\": {\"rtrl\": 0.8, \"snap(n=1)\": 0.9}, \"alignment\": {\"cosine\": {\"cell\": "
                       "{\"rtrl\": {\"snap(n=1)\": 0.7}}}}"});
  const auto maps = alignment_maps(groups());
  ASSERT_EQ(maps.size(), 1U);
  EXPECT_THAT(maps[0].row_names, ElementsAre("rflo (learns)", "snap(n=1)", "rtrl")) << "alike side by side";
  EXPECT_THAT(maps[0].values, ElementsAre(1, 0.9, 0.8, 0.9, 1, 0.7, 0.8, 0.7, 1));
}

TEST_F(Runs, ThatDivergedAreShownAndLeftOut) {
  add("1", {.seed = "0", .loss = 0.5});
  add("2", {.seed = "1", .loss = 0.52});
  add("3",
      {.seed = "2", .status = "diverged", .loss = NAN, .lines = {"{\"update\": 1, \"steps\": 10, \"loss\": 1e20}"}});
  const auto found = groups();
  EXPECT_EQ(found[0].diverged, 1);
  EXPECT_EQ(found[0].loss.count, 2);
  const LineFigure curve = learning_curves(found).at(0);
  EXPECT_THAT(curve.series.at(0).y, testing::Each(testing::Lt(1)));
  ASSERT_EQ(curve.threads.size(), 3U);
  EXPECT_TRUE(curve.threads[2].broken_off);
  EXPECT_THAT(warnings_of(found, records_), Contains(HasSubstr("1 of 3 seeds diverged")));
}

TEST_F(Runs, AreJudgedInPlainSentences) {
  for (int seed = 0; seed < 5; ++seed) {
    add("a" + std::to_string(seed), {.seed = std::to_string(seed), .loss = 0.5 + 0.001 * seed});
    add("b" + std::to_string(seed), {.rule = "rflo", .seed = std::to_string(seed), .loss = 0.501 + 0.001 * seed});
    add("c" + std::to_string(seed), {.rule = "uoro", .seed = std::to_string(seed), .loss = 0.6 + 0.001 * seed});
  }
  const auto found = groups();
  const std::string text = verdict_text(found);
  EXPECT_THAT(text, HasSubstr("rtrl ends lowest: test loss 0.5020 ± 0.0020 over 5 seeds"));
  EXPECT_THAT(text, HasSubstr("better than without memory (0.6600), short of best known (0.4500)"));
  EXPECT_THAT(text, HasSubstr("interval of rflo overlaps"));
  EXPECT_THAT(text, HasSubstr("uoro ends higher."));
  EXPECT_THAT(warnings_of(found, records_), IsEmpty());
}

TEST_F(Runs, ThatAreNotComparableAreWarnedAbout) {
  add("1", {.loss = 0.5, .steps = "60"});
  add("2", {.rule = "rflo", .more_environment = ", \"instruction_set\": \"avx2\"", .loss = 0.5});
  add("3", {.rule = "snap", .status = "unfinished", .loss = 0.5});
  const auto warnings = warnings_of(groups(), records_);
  EXPECT_THAT(warnings, Contains(HasSubstr("Unequal data: rtrl saw 60 steps and rflo saw 30.")));
  EXPECT_THAT(warnings, Contains(HasSubstr("differ in instruction_set")));
  EXPECT_THAT(warnings, Contains(HasSubstr("snap: 1 of 1 runs did not come to their end")));
  EXPECT_THAT(warnings, Contains(HasSubstr("Fewer than 5 seeds (1)")));
}

TEST_F(Runs, OfExactRulesWithRandomFeedbackAreWarnedAbout) {
  add("1", {.more_settings = R"(, "rule": {"name": "rtrl", "feedback": "random"})"});
  add("2", {.rule = "rflo", .more_settings = R"(, "rule": {"name": "rflo", "feedback": "random"})"});
  EXPECT_THAT(warnings_of(groups(), records_),
              Contains(testing::StartsWith("rtrl follows the gradient of the loss with")));
}

TEST_F(Runs, ReachTheCriterionOrNot) {
  add("1", {.loss = 0.5});
  add("2", {.rule = "rflo", .loss = 0.65});
  const auto found = groups();
  const Criterion criterion = criterion_for(found);
  EXPECT_NEAR(criterion.threshold, 0.5 + 0.1 * (0.85 - 0.5), 1e-12);
  EXPECT_EQ(steps_to(criterion, found[0]), 30);
  EXPECT_TRUE(std::isnan(steps_to(criterion, found[1])));
}

TEST_F(Runs, AreTablesForOtherPrograms) {
  add("1", {.rule = "snap", .loss = 0.5});
  const auto found = groups();
  const std::string runs = runs_csv(found);
  EXPECT_THAT(runs, HasSubstr("run,label,rule,seed,status,references/best known"));
  EXPECT_THAT(runs, HasSubstr(",snap,snap,0,done,0.45,"));
  bool thinned = true;
  const std::string lines = lines_csv(found, 100000, thinned);
  EXPECT_FALSE(thinned);
  EXPECT_THAT(lines, HasSubstr("label,seed,loss,lr,seconds,steps,update\nsnap,0,0.7,0.01,0.1,10,1\n"));
  EXPECT_THAT(lines_csv(found, 100, thinned), HasSubstr(",30,3\n")) << "the last line stays";
  EXPECT_TRUE(thinned);
}

TEST_F(Runs, ShowWhereTheirDataCameFromAndHowTheyWereMade) {
  add("1", {.more_settings = ", \"data\": {\"train\": \"data:sensors\"}",
            .more_environment = ", \"command\": [\"chronograd\", \"train\", \"my file.toml\", \"a='b'\"], \"facts\": "
                                "{\"licence of data:sensors\": \"ODC-By 1.0\", \"alphabet\": \"<ab>\"}"});
  const auto found = groups();
  std::string rows;
  for (const HtmlTable::Row& row : environment_table(found).rows) rows += row.cells[0] + ": " + row.cells[1] + "\n";
  EXPECT_THAT(rows, HasSubstr("alphabet: <ab>\nlicence of data:sensors: ODC-By 1.0\n"));
  const std::string page = report_html(records_, {"chronograd", "report", "a b"});
  EXPECT_THAT(page, HasSubstr("ODC-By 1.0"));
  EXPECT_THAT(page,
              HasSubstr("chronograd train &#39;my file.toml&#39; &#39;a=&#39;\\&#39;&#39;b&#39;\\&#39;&#39;&#39;\n"));
  EXPECT_THAT(page, HasSubstr("chronograd report &#39;a b&#39;    # this page\n"));
}

TEST_F(Runs, ThatAreNoneAreErrors) {
  std::filesystem::create_directories(folder_ / "empty");
  for (const std::string& path : {(folder_ / "empty").string(), (folder_ / "missing").string()})
    EXPECT_THROW(static_cast<void>(read_records({path})), Error) << path;
  add("bad", {});
  write_text(folder_ / "bad/resolved.json", "[1, 2");
  EXPECT_THROW(groups(), Error);
  add("bad", {});
  write_text(folder_ / "bad/metrics.jsonl", "{\"update\": 1}\nno json\n{\"update\": 2}\n");
  EXPECT_THROW(groups(), Error);
  write_text(folder_ / "bad/metrics.jsonl", "{\"update\": 1, \"steps\": 1, \"loss\": 2}\n{\"upd");  // being written
  EXPECT_EQ(groups().size(), 1U);
}

TEST_F(Runs, TakeTimesFromTheComparisonThatMeasuredThemAlone) {
  add("c/rtrl/0", {.loss = 0.5});
  write_text(folder_ / "c/comparison.json",
             "{\"rules\": [{\"rule\": \"rtrl\", \"us_per_step\": 1.25, \"runs\": [{\"directory\": \"rtrl/0\"}]}], "
             "\"warnings\": [\"mind the gap\"]}");
  const auto found = groups();
  EXPECT_EQ(found.at(0).us_per_step, 1.25);
  EXPECT_THAT(warnings_of(found, records_), Contains("mind the gap"));
  write_text(folder_ / "c/comparison.json",
             "{\"rules\": [{\"rule\": \"rtrl\", \"us_per_step\": 1.25, \"us_per_step_cpu\": 0.75, \"runs\": "
             "[{\"directory\": \"rtrl/0\"}]}]}");
  EXPECT_EQ(groups().at(0).us_per_step, 0.75) << "without what the run waited for";
}

TEST_F(Runs, HaveAFrontOfThoseThatAreWorthTheirTime) {
  add("a", {.rule = "rtrl", .loss = 0.3});
  add("b", {.rule = "rflo", .loss = 0.5});
  add("c", {.rule = "uoro", .loss = 0.6});
  write_text(folder_ / "comparison.json",
             "{\"rules\": [{\"us_per_step\": 4, \"runs\": [{\"directory\": \"a\"}]}, {\"us_per_step\": 1, \"runs\": "
             "[{\"directory\": \"b\"}]}, {\"us_per_step\": 2, \"runs\": [{\"directory\": \"c\"}]}]}");
  const auto figures = pareto_figures(groups());
  ASSERT_FALSE(figures.empty());
  const Series& front = figures[0].series.back();
  EXPECT_EQ(front.label, "front");
  EXPECT_THAT(front.x, ElementsAre(1, 4, 4));
  EXPECT_THAT(front.y, ElementsAre(0.5, 0.5, 0.3)) << "uoro takes longer than rflo and ends higher";
  add("d", {.rule = "rflo", .lr = "0.7", .loss = 0.4});
  const std::vector<Series> points = pareto_figures(groups())[0].series;
  ASSERT_EQ(points.size(), 5U);
  EXPECT_EQ(points[1].look.name, points[3].look.name);
  EXPECT_NE(points[1].look.mark, points[3].look.mark) << "two settings of one rule";
}

}  // namespace
}  // namespace chronograd
