// SPDX-License-Identifier: Apache-2.0
// Triangles of credit are drawn rule by rule, exact credit first, in the order in which rules were watched.
#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/array.hpp"
#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/report.hpp"
#include "report/run_folders.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Array triangle(const std::vector<double>& values) {
  return Array::of({2, 2}, values);
}

class CreditOfRuns : public Runs {
 protected:
  void add_credit(const Arrays& more = {}) {
    add("1", {.rule = "rflo", .more_settings = R"json(, "watch": {"rules": ["snap(n=1)", "rtrl", "dni"]})json"});
    Arrays arrays = {{"map/exact/cell", triangle({2, 1, 0, 2})},
                     {"map/exact/W_in", triangle({1, 1, 0, 1})},
                     {"share/exact", Array::of({2}, std::vector<double>{1, 1})},
                     {"map/trained/cell", triangle({2, 1e-7, 0, 2})},
                     {"map/trained/W_in", triangle({1, 0, 0, 1})},
                     {"share/trained", Array::of({2}, std::vector<double>{1, 0.5})},
                     {"map/rtrl/cell", triangle({2, 1, 0, 2})},
                     {"map/rtrl/W_in", triangle({1, 1, 0, 1})},
                     {"share/rtrl", Array::of({2}, std::vector<double>{1, 1})},
                     {"map/snap(n=1)/cell", triangle({2, NAN, 0, 2})},
                     {"map/snap(n=1)/W_in", triangle({1, 0.5, 0, 1})},
                     {"share/snap(n=1)", Array::of({2}, std::vector<double>{1, NAN})},
                     {"map/dni/cell", triangle({0, 0, 0, 0})},
                     {"map/dni/W_in", triangle({0, 0, 0, 0})},
                     {"share/dni", Array::of({2}, std::vector<double>{0, 0})},
                     {"guess/dni/cell", Array::of({2}, std::vector<double>{1, 3})},
                     {"guess/dni/W_in", Array::of({2}, std::vector<double>{1, 2})}};
    for (const auto& [name, array] : more) arrays[name] = array;
    write_npz((folder_ / "1/credit.npz").string(), arrays);
  }
};

TEST_F(CreditOfRuns, IsAPanelForEachRuleThatIsNotExact) {
  add_credit();
  const std::vector<TriangleFigure> maps = credit_maps(groups());
  ASSERT_EQ(maps.size(), 1U);
  std::vector<std::string> titles;
  for (const TriangleFigure::Panel& panel : maps[0].panels) titles.push_back(panel.title);
  EXPECT_THAT(titles, ElementsAre("exact credit", "rflo (learns)", "snap(n=1)", "dni"));
  EXPECT_THAT(maps[0].panels[0].values, ElementsAre(2, 1, 0, 2));
  EXPECT_THAT(maps[0].panels[1].values, ElementsAre(2, 2e-4, 0, 2)) << "as small as colours go";
  EXPECT_THAT(maps[0].panels[1].beside, IsEmpty());
  EXPECT_THAT(maps[0].panels[3].beside, ElementsAre(1, 3));
  EXPECT_THAT(maps[0].notes, ElementsAre("The same as exact credit: rtrl.", HasSubstr("a guess of all later losses"),
                                         HasSubstr("Grey: nothing"), HasSubstr("overflowed")));
  const std::vector<TriangleFigure> parameters = parameter_credit_maps(groups());
  ASSERT_EQ(parameters.size(), 1U);
  EXPECT_THAT(parameters[0].title, HasSubstr("W_in"));
  EXPECT_THAT(parameters[0].panels.at(2).values, ElementsAre(1, 0.5, 0, 1));
  EXPECT_THAT(figure_markup(maps[0], "As it is."), HasSubstr("a guess of all later losses"));
}

TEST_F(CreditOfRuns, HasAShareByTheStepsBetween) {
  add_credit();
  const std::vector<LineFigure> shares = credit_shares(groups());
  ASSERT_EQ(shares.size(), 1U);
  ASSERT_EQ(shares[0].series.size(), 2U) << "rtrl is exact";
  EXPECT_EQ(shares[0].series[0].label, "rflo (learns)");
  EXPECT_THAT(shares[0].series[0].y, ElementsAre(1, 0.5));
  EXPECT_THAT(shares[0].series[1].y, ElementsAre(1, testing::IsNan()));
  EXPECT_THAT(shares[0].notes, ElementsAre("dni charges by its guess alone."));
}

TEST_F(CreditOfRuns, HasNoShareOfWhatIsNotThere) {
  add_credit({{"map/exact/cell", triangle({2, 0.05, 0, 2})}});
  const LineFigure share = credit_shares(groups()).at(0);
  EXPECT_THAT(share.series.at(0).y, ElementsAre(1));
  EXPECT_THAT(share.notes, testing::Contains(HasSubstr("a twentieth")));
}

TEST_F(CreditOfRuns, IsAKindOfPlotAndAPartOfThePage) {
  add_credit();
  const Records records = read_records({(folder_ / "").string()});
  const std::vector<std::string> pictures = plot_svg(records, "credit");
  ASSERT_EQ(pictures.size(), 3U);
  for (const char* part : {">exact credit</text>", ">snap(n=1)</text>", ">t: step of loss</text>"})
    EXPECT_THAT(pictures[0], HasSubstr(part));
  EXPECT_THAT(pictures[1], HasSubstr("share of exact credit"));
  EXPECT_THAT(pictures[2], HasSubstr("W_in"));
  EXPECT_THAT(report_html(records, {}), HasSubstr("Who is charged for which loss"));
}

TEST_F(CreditOfRuns, OfAnotherShapeIsLeftOut) {
  add_credit({{"map/rtrl/cell", Array::of({3}, std::vector<double>{1, 2, 3})},
              {"guess/dni/cell", Array::of({3}, std::vector<double>{1, 2, 3})}});
  const TriangleFigure map = credit_maps(groups()).at(0);
  EXPECT_THAT(map.panels.back().beside, IsEmpty());
  EXPECT_THAT(map.notes, Not(testing::Contains(HasSubstr("rtrl"))));
  add_credit({{"map/exact/cell", Array::of({1, 4}, std::vector<double>{1, 2, 3, 4})}});
  EXPECT_THAT(credit_maps(groups()), IsEmpty());
  add_credit({{"map/exact/cell", Array::of({0, 0}, std::vector<double>())}});
  EXPECT_THAT(credit_maps(groups()), IsEmpty());
}

}  // namespace
}  // namespace chronograd
