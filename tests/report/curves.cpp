// SPDX-License-Identifier: Apache-2.0
// Figures of runs draw what can be drawn, and say what they leave out.
#include <gmock/gmock.h>

#include <cmath>

#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/report.hpp"
#include "report/run_folders.hpp"

namespace chronograd {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A line of a watched run; `overflowed` of ten comparisons with rtrl.
std::string watched_line(int update, const std::string& cosine, const std::string& ratio, int overflowed) {
  const std::string number = std::to_string(update);
  return "{\"update\": " + number + ", \"steps\": " + number + "0, \"loss\": 0.5, \"cosine\": {\"rtrl\": " + cosine +
         "}, \"norm_ratio\": {\"rtrl\": " + ratio + "}" +
         (overflowed > 0 ? ", \"overflowed\": {\"rtrl\": " + std::to_string(overflowed) + "}" : "") + "}";
}

TEST_F(Runs, WhoseWatchOverflowsAreDrawnAsFarAsTheyGoAndSayIt) {
  add("1", {.lines = {watched_line(1, "0.5", "0.4", 0), watched_line(2, "-0.1", "5.7e-39", 3),
                      watched_line(3, "null", "null", 10), watched_line(4, "null", "null", 0)}});
  const auto curves = alignment_curves(groups());
  ASSERT_EQ(curves.size(), 2U);
  EXPECT_THAT(curves[0].series.at(0).y, ElementsAre(0.5, -0.1));
  EXPECT_THAT(curves[1].series.at(0).y, ElementsAre(0.4, 5.7e-39));
  for (const LineFigure& curve : curves)
    EXPECT_THAT(curve.notes, ElementsAre("rtrl: the gradient of rtrl overflowed in 2 of 3 reports; what overflowed is "
                                         "left out."))
        << "in the last report nothing was compared";
  EXPECT_THAT(figure_markup(curves[1], "As it is.", true), HasSubstr("overflowed in 2 of 3 reports"));
  EXPECT_THAT(further_curves(groups()), IsEmpty()) << "how often it did is no figure";
}

TEST_F(Runs, WhoseWatchNeverHadANumberSayIt) {
  add("1", {.lines = {watched_line(1, "null", "null", 10), watched_line(2, "null", "null", 10)}});
  const auto curves = alignment_curves(groups());
  ASSERT_EQ(curves.size(), 2U);
  EXPECT_THAT(curves[1].notes, ElementsAre(HasSubstr("overflowed in 2 of 2 reports")));
  EXPECT_THAT(to_svg(curves[1]), HasSubstr("no values"));
}

TEST_F(Runs, HaveRatiosOfZeroThatNoLogarithmShows) {
  add("1", {.lines = {watched_line(1, "0", "0", 0), watched_line(2, "0.5", "0.5", 0)}});
  const auto curves = alignment_curves(groups());
  EXPECT_THAT(curves.at(0).notes, IsEmpty());
  EXPECT_THAT(curves.at(1).series.at(0).y, ElementsAre(0.5));
  EXPECT_THAT(curves.at(1).notes, ElementsAre("rtrl: 0 in 1 of 2 reports, which a logarithmic axis does not show."));
}

TEST_F(Runs, HaveBandsOfWhatCanBe) {
  for (const auto& [seed, cosine, ratio] : {std::tuple("0", "0.99", "0.01"), {"1", "0.7", "0.9"}})
    add(seed, {.seed = seed, .loss = seed[0] == '0' ? 0.01 : 0.9, .lines = {watched_line(1, cosine, ratio, 0)}});
  for (const auto& [seed, accuracy] : {std::pair("2", "0.99"), {"3", "0.6"}})
    add(seed, {.rule = "rflo",
               .seed = seed,
               .lines = {"{\"update\": 1, \"steps\": 10, \"loss\": 0." + std::string(seed) +
                         ", \"accuracy\": " + accuracy + "}"}});
  const auto found = groups();
  const auto curves = alignment_curves(found);
  ASSERT_EQ(curves.size(), 2U);
  const Series &cosine = curves[0].series.at(0), &ratio = curves[1].series.at(0);
  EXPECT_EQ(cosine.high.at(0), 1);
  EXPECT_GE(cosine.low.at(0), -1);
  EXPECT_NEAR(ratio.y.at(0), std::sqrt(0.01 * 0.9), 1e-12) << "the mean of logarithms";
  EXPECT_GT(ratio.low.at(0), 0);
  EXPECT_GT(ratio.high.at(0), ratio.y.at(0));
  for (const LineFigure& curve : learning_curves(found))
    for (const Series& series : curve.series) {
      EXPECT_THAT(series.low, Each(testing::Ge(0))) << curve.title;
      if (curve.title == "Training accuracy") {
        EXPECT_THAT(series.high, Each(testing::Le(1)));
      }
    }
}

TEST_F(Runs, OfCellsThatSpikeHaveFiringRates) {
  for (const auto& [seed, rate] : {std::pair("0", "0.02"), {"1", "0.4"}})
    add(seed, {.seed = seed,
               .more_settings = ", \"regularise\": {\"rate_cost\": 2, \"rate_target\": 0.1}",
               .lines = {"{\"update\": 1, \"steps\": 10, \"loss\": 0.5, \"firing_rate\": " + std::string(rate) + "}"}});
  const auto found = groups();
  const auto curves = learning_curves(found);
  ASSERT_EQ(curves.size(), 2U);
  EXPECT_THAT(curves[1].title, HasSubstr("Firing rate"));
  EXPECT_THAT(curves[1].series.at(0).y, ElementsAre(testing::DoubleNear(0.21, 1e-12)));
  EXPECT_THAT(curves[1].series.at(0).low, ElementsAre(0)) << "no rate is below it";
  ASSERT_EQ(curves[1].levels.size(), 1U);
  EXPECT_EQ(curves[1].levels[0].y, 0.1);
  EXPECT_THAT(further_curves(found), IsEmpty()) << "nor drawn twice";
}

TEST_F(Runs, WithUnequalBudgetsAreDrawnToTheCommonOne) {
  add("long",
      {.lines = {"{\"update\": 1, \"steps\": 10, \"loss\": 0.9}", "{\"update\": 2, \"steps\": 20, \"loss\": 0.8}",
                 "{\"update\": 3, \"steps\": 30, \"loss\": 0.1}"},
       .steps = "30"});
  add("short", {.rule = "rflo", .lines = {"{\"update\": 1, \"steps\": 20, \"loss\": 0.7}"}, .steps = "20"});
  const LineFigure curve = learning_curves(groups()).at(0);
  EXPECT_THAT(curve.series.at(0).x, ElementsAre(10, 20));
  EXPECT_THAT(curve.series.at(1).x, ElementsAre(20));
  EXPECT_THAT(curve.notes, ElementsAre("Drawn to 20 steps of data, the budget that all have; rtrl saw 30."));
  // Of more streams side by side, fewer steps are as much data.
  add("long",
      {.lines = {"{\"update\": 1, \"steps\": 10, \"loss\": 0.9}"}, .summary = ", \"stream_steps\": 20", .steps = "10"});
  const LineFigure equal = learning_curves(groups()).at(0);
  EXPECT_THAT(equal.series.at(0).x, ElementsAre(10));
  EXPECT_THAT(equal.notes, IsEmpty());
}

}  // namespace
}  // namespace chronograd
