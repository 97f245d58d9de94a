// SPDX-License-Identifier: Apache-2.0
// The figure of what was taken for what.
#include <gmock/gmock.h>

#include <cmath>

#include "report/figures.hpp"

namespace chronograd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(ConfusionFigure, ShowsSharesOfEachTarget) {
  RunRecord run;
  EXPECT_THAT(confusion_maps(run), IsEmpty());
  run.summary_lists["test/confusion"] = {3, 1, 0, 0, 5, 0, 0, 0, 0};
  run.environment["facts/class 0"] = "\"up\"";
  run.environment["facts/class 1"] = "\"down\"";
  const std::vector<HeatFigure> figures = confusion_maps(run);
  ASSERT_EQ(figures.size(), 1U);
  EXPECT_THAT(figures[0].row_names, ElementsAre("up", "down", "2"));
  EXPECT_EQ(figures[0].values[0], 75);
  EXPECT_EQ(figures[0].values[1], 25);
  EXPECT_EQ(figures[0].values[4], 100);
  EXPECT_TRUE(std::isnan(figures[0].values[8])) << "no step had this target";
  const std::string svg = to_svg(figures[0]);
  EXPECT_THAT(svg, HasSubstr("down"));
  EXPECT_THAT(svg, HasSubstr(">75<"));
  EXPECT_THAT(svg, Not(HasSubstr("rotate(-90)\">down"))) << "there is room for names side by side";
  run.summary_lists["test/confusion"].assign(144, 1);
  EXPECT_THAT(to_svg(confusion_maps(run)[0]), AllOf(HasSubstr(">8<"), HasSubstr("rotate(-90)\">down")));
  run.summary_lists["test/confusion"] = {1, 2, 3};
  EXPECT_THAT(confusion_maps(run), IsEmpty()) << "no square";
}

}  // namespace
}  // namespace chronograd
