// SPDX-License-Identifier: Apache-2.0
// Figures: what is drawn, what is escaped, which numbers stand at the axes. That the pictures are well-formed XML is
// for svg_test.py, which reads what the program writes.
#include <gmock/gmock.h>

#include <cctype>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "figures/drawing.hpp"
#include "figures/escaped.hpp"
#include "figures/figure.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Escaped, LeavesNothingThatMarkupReads) {
  EXPECT_EQ(escaped("a<b>&\"c\"'d'"), "a&lt;b&gt;&amp;&quot;c&quot;&#39;d&#39;");
  EXPECT_EQ(escaped("µs ± 10⁻³\t\n"), "µs ± 10⁻³\t\n");
  const std::string replaced = "\xef\xbf\xbd";
  EXPECT_EQ(escaped(std::string("a\0b\x1b[1m\x7f", 8)), "a" + replaced + "b" + replaced + "[1m" + replaced);
  EXPECT_EQ(escaped("\xff\xc0\xaf"), replaced + replaced + replaced);  // no UTF-8, overlong
  EXPECT_EQ(escaped("\xed\xa0\x80"), replaced + replaced + replaced);  // a surrogate
  EXPECT_EQ(escaped("\xe2\x82"), replaced + replaced);                 // cut off
  EXPECT_EQ(escaped("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");          // four bytes
  EXPECT_EQ(escaped("\xef\xbf\xbf"), replaced + replaced + replaced);  // U+FFFF may not stand in XML
  EXPECT_EQ(percent_encoded("a,b\n\"\xc2\xb5"), "a%2Cb%0A%22%C2%B5");
}

TEST(Scale, NamesRoundNumbers) {
  const Scale linear(0.013, 0.987, 0, 100, false);
  EXPECT_THAT(linear.labels(linear.ticks(5)), ElementsAre("0.2", "0.4", "0.6", "0.8"));
  const Scale around_zero(-1, 1, 0, 100, false);
  EXPECT_THAT(around_zero.labels(around_zero.ticks(4)), ElementsAre("−1.0", "−0.5", "0.0", "0.5", "1.0"));
  const Scale large(0, 3e4, 0, 100, false);
  EXPECT_THAT(large.labels(large.ticks(3)), ElementsAre("0", "10000", "20000", "30000"));
  const Scale small(1e-7, 2e-7, 0, 100, false);
  EXPECT_THAT(small.labels(small.ticks(2)), ElementsAre("10⁻⁷", "1.5×10⁻⁷", "2×10⁻⁷"));
  const Scale decades(1e-6, 1, 0, 100, true);
  EXPECT_THAT(decades.labels(decades.ticks(4)), ElementsAre("10⁻⁶", "10⁻⁴", "0.01", "1"));
  const Scale narrow(5.9, 19, 0, 100, true);
  EXPECT_THAT(narrow.labels(narrow.ticks(4)), ElementsAre("10", "15"));
  const Scale up(1, 1e5, 0, 100, true);
  EXPECT_THAT(up.labels(up.ticks(6)), ElementsAre("1", "10", "100", "10³", "10⁴", "10⁵"));
  const Scale two_decades(0.5, 50, 0, 100, true);
  EXPECT_THAT(two_decades.labels(two_decades.ticks(4)), ElementsAre("0.5", "1", "2", "5", "10", "20", "50"));
  const Scale bytes(1e3, 1.5e5, 0, 100, true);
  EXPECT_THAT(bytes.labels(bytes.ticks(3)), ElementsAre("10³", "10⁴", "10⁵")) << "where there is no room for more";
}

TEST(Scale, PutsValuesWhereTheyBelong) {
  EXPECT_DOUBLE_EQ(Scale(0, 10, 100, 200, false).position(2.5), 125);
  EXPECT_DOUBLE_EQ(Scale(0, 10, 200, 100, false).position(2.5), 175);
  EXPECT_NEAR(Scale(1, 100, 0, 100, true).position(10), 50, 1e-12);
  EXPECT_FALSE(Scale(1, 100, 0, 100, true).shows(0));
  EXPECT_FALSE(Scale(0, 1, 0, 100, false).shows(NAN));
}

TEST(Scale, ExtentsNeverCollapse) {
  for (const bool log : {false, true})
    for (const double value : {1e-300, 0.5, 3e12}) {
      Extent extent(log);
      extent.add(value);
      extent.add(NAN);
      extent.add(log ? -1 : value);
      const Scale scale = extent.scale(0, 100);
      EXPECT_LT(scale.low(), value);
      EXPECT_GT(scale.high(), value);
      EXPECT_FALSE(scale.ticks(5).empty()) << value << log;
    }
  EXPECT_FALSE(Extent(true).scale(0, 1).ticks(5).empty());
}

TEST(Scale, HoldsNumbersOfEverySize) {
  for (const bool log : {false, true}) {
    Extent extent(log);
    for (const double value : {5e-324, 1e-310, 5.7e-39, 1.0, 1e300, 1.7e308, -1.7e308, double{INFINITY}})
      extent.add(value);
    const Scale scale = extent.scale(0, 100);
    EXPECT_TRUE(std::isfinite(scale.low()) && std::isfinite(scale.high()) && scale.low() < scale.high()) << log;
    double before = -1;
    for (const double value : {1e-290, 5.7e-39, 1.0, 1e300}) {
      const double place = scale.position(value);
      EXPECT_TRUE(place >= 0 && place <= 100) << value;
      EXPECT_TRUE(log ? place > before : place >= before) << value;
      before = place;
    }
    const std::vector<double> ticks = scale.ticks(5);
    EXPECT_GE(ticks.size(), 2U) << log;
    EXPECT_LE(ticks.size(), 12U) << log;
    EXPECT_EQ(scale.labels(ticks).size(), ticks.size());
  }
}

TEST(Readable, NumbersAreForPeople) {
  EXPECT_EQ(readable(0.45678), "0.457");
  EXPECT_EQ(readable(123.4), "123");
  EXPECT_EQ(readable(-1.5), "−1.50");
  EXPECT_EQ(readable(1.5e9, 2), "1.5×10⁹");
  EXPECT_EQ(readable(1e-5, 1), "10⁻⁵");
  EXPECT_EQ(readable(NAN), "–");
  EXPECT_EQ(readable(0), "0");
}

LineFigure two_lines() {
  LineFigure figure;
  figure.title = "a <title> & more";
  figure.x = {"updates", "", false};
  figure.y = {"loss", "nats", true};
  figure.series.push_back(
      {"<rtrl>", look_of("rtrl"), {0, 1, 2, 3}, {1, 0.5, NAN, 0.25}, {0.9, -0.1, NAN, 0.2}, {1.1, 0.6, NAN, 0.3}});
  figure.series.push_back({"rflo", look_of("rflo"), {0, 1, 2, 3}, {1, 0.8, 0.7, 0.6}, {}, {}, false, true});
  figure.threads.push_back({"seed 0", look_of("rtrl"), {0, 1}, {1, 1e30}, true});
  figure.levels.push_back({"chance", 0.69});
  figure.moments = {{"frozen", 1.5}, {"never seen", 9}};
  figure.shadows.push_back({1, 2});
  return figure;
}

TEST(LineFigure, DrawsWhatItHolds) {
  const std::string svg = to_svg(two_lines());
  EXPECT_THAT(svg, HasSubstr("a &lt;title&gt; &amp; more</text>"));
  EXPECT_THAT(svg, HasSubstr(">&lt;rtrl&gt;</text>"));
  EXPECT_THAT(svg, HasSubstr(">loss (nats)</text>"));
  EXPECT_THAT(svg, HasSubstr(">updates</text>"));
  EXPECT_THAT(svg, HasSubstr(">chance</text>"));
  EXPECT_THAT(svg, HasSubstr(">frozen</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("never seen"))) << "beyond the axis";
  EXPECT_THAT(svg, HasSubstr("ink-shadow"));
  EXPECT_THAT(svg, HasSubstr(look_of("rtrl").light));
  EXPECT_EQ(count(svg, "opacity=\"0.18\""), 1U) << "the band of the first two points; a point alone has none";
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  // A mark a point and one in the legend.
  EXPECT_EQ(count(svg, "class=\"fill look-orange\""), 5U);
  const std::string page = to_svg(two_lines(), Setting::page);
  EXPECT_THAT(page, Not(HasSubstr("more</text>"))) << "a page has its own heading";
  EXPECT_THAT(page, Not(HasSubstr("<rect fill=\"#FFFFFF\""))) << "and its own ground";
}

TEST(LineFigure, ARunThatBlewUpDoesNotHideTheOthers) {
  const std::string svg = to_svg(two_lines());
  EXPECT_THAT(svg, Not(HasSubstr("10³⁰")));
  EXPECT_THAT(svg, HasSubstr(">0.5</text>"));
}

TEST(LineFigure, EmptyAndStrangeDataAreDrawn) {
  LineFigure figure;
  EXPECT_THAT(to_svg(figure), HasSubstr("no values"));
  figure.series.push_back({"x", look_of("bptt"), {NAN, INFINITY}, {NAN, -INFINITY}, {}, {}});
  figure.y.log = figure.x.log = true;
  EXPECT_THAT(to_svg(figure), HasSubstr("no values"));
  figure.series.push_back({"one", look_of("bptt"), {5}, {5}, {}, {}});
  EXPECT_THAT(to_svg(figure), Not(HasSubstr("no values")));
}

TEST(LineFigure, UnitsOfEqualLengthMakeCirclesRound) {
  LineFigure figure;
  figure.same_units = true;
  Series circle{"", look_of("rtrl"), {-1, 1, 0, 0}, {0, 0, -1, 1}, {}, {}, false};
  figure.series.push_back(circle);
  const std::string svg = to_svg(figure);
  std::vector<double> xs, ys;
  const std::string_view start = "d=\"M";
  for (std::size_t at = svg.find(start); at != std::string::npos; at = svg.find(start, at + 1)) {
    double x = 0, y = 0;
    char after = 0;
    if (std::sscanf(svg.c_str() + at + start.size(), "%lf,%lf%c", &x, &y, &after) == 3 && after == ' ') {
      xs.push_back(x);
      ys.push_back(y);
    }
  }
  ASSERT_EQ(xs.size(), 4U);
  EXPECT_NEAR(xs[1] - xs[0], ys[2] - ys[3], 0.03);
}

TEST(LineFigure, TablesHoldEveryNumber) {
  EXPECT_EQ(to_csv(two_lines()).substr(0, 56), "series,x,y,low,high\n<rtrl>,0,1,0.9,1.1\n<rtrl>,1,0.5,-0.1");
  EXPECT_THAT(to_csv(two_lines()), HasSubstr("\nchance,,0.69,,\n"));
  EXPECT_THAT(to_csv(two_lines()), HasSubstr("\nfrozen,1.5,,,\n"));
  LineFigure figure;
  figure.series.push_back({"a,\"b\"", look_of("rtrl"), {1}, {2}, {}, {}});
  EXPECT_THAT(to_csv(figure), HasSubstr("\n\"a,\"\"b\"\"\",1,2,,\n"));
  EXPECT_THAT(to_json(two_lines()), HasSubstr("\"y\":[1.0,0.5,null,0.25]"));
}

TEST(LineFigure, TheScriptGetsNumbersOfEverySizeAndBothRanges) {
  LineFigure figure;
  figure.y.log = true;
  figure.series.push_back({"x", look_of("rtrl"), {0, 1, 2, 3}, {5.7e-39, 1e-310, 1.79769e308, NAN}, {}, {}});
  const std::string json = to_json(figure);
  EXPECT_THAT(json, HasSubstr("5.7e-39"));
  EXPECT_THAT(json, HasSubstr("\"range\":{\"linear\":["));
  EXPECT_THAT(json, Not(HasSubstr("inf")));
  figure.series[0].y = {-1, -2, 0, NAN};
  EXPECT_THAT(to_json(figure), HasSubstr("\"log\":null")) << "it would show nothing";
  figure.series[0].y = {NAN, NAN, NAN, NAN};
  EXPECT_THAT(to_json(figure), HasSubstr("\"range\":{\"linear\":null,\"log\":null}"));
}

TEST(LineFigure, SaysBelowItselfWhatItLeavesOut) {
  LineFigure figure = two_lines();
  const std::string before = to_svg(figure);
  figure.notes = {"rtrl: overflowed <here>.",
                  "a second sentence that is so long that it has to go on in a line of its own, or two"};
  const std::string svg = to_svg(figure);
  EXPECT_THAT(svg, HasSubstr(">rtrl: overflowed &lt;here&gt;.</text>"));
  EXPECT_GE(count(svg, "</text>"), count(before, "</text>") + 3);
  EXPECT_NE(svg.substr(0, 120), before.substr(0, 120)) << "it is higher";
  EXPECT_EQ(to_svg(figure, Setting::page), to_svg(two_lines(), Setting::page)) << "a page says it itself";
}

TEST(ThinOut, KeepsEndsAndPeaks) {
  Series series;
  for (int i = 0; i < 100000; ++i) {
    series.x.push_back(i);
    series.y.push_back(i == 54321 ? 9 : i == 77777 ? -9 : std::sin(i * 1e-3));
  }
  series.low = series.high = series.y;
  thin_out(series, 2000);
  EXPECT_LE(series.x.size(), 2000U);
  EXPECT_GT(series.x.size(), 1000U);
  EXPECT_EQ(series.low.size(), series.x.size());
  EXPECT_EQ(series.x.front(), 0);
  EXPECT_EQ(series.x.back(), 99999);
  EXPECT_THAT(series.y, testing::Contains(9));
  EXPECT_THAT(series.y, testing::Contains(-9));
  EXPECT_TRUE(std::is_sorted(series.x.begin(), series.x.end()));
  Series few{"", {}, {1, 2}, {3, 4}, {}, {}};
  thin_out(few, 2000);
  EXPECT_THAT(few.y, ElementsAre(3, 4));
}

TEST(FittedPower, FindsTheExponent) {
  const PowerLaw law = fitted_power({8, 16, 32, -1}, {3 * 8 * 8, 3 * 16 * 16, 3 * 32 * 32, 5});
  EXPECT_NEAR(law.exponent, 2, 1e-12);
  EXPECT_NEAR(law(10), 300, 1e-9);
  EXPECT_TRUE(std::isnan(fitted_power({3}, {4}).exponent));
  EXPECT_TRUE(std::isnan(fitted_power({3, 3}, {4, 5}).exponent));
}

HeatFigure grid(std::size_t rows, std::size_t columns) {
  HeatFigure figure;
  figure.value = {"loss", "nats", false};
  figure.rows = rows;
  figure.columns = columns;
  for (std::size_t i = 0; i < rows * columns; ++i) figure.values.push_back(static_cast<double>(i));
  return figure;
}

TEST(HeatFigure, WritesNumbersIntoCellsAndFramesTheBest) {
  HeatFigure figure = grid(2, 3);
  figure.row_names = {"rtrl", "rflo"};
  figure.column_names = {"0.1", "1", "10"};
  figure.numbers = true;
  figure.values[4] = NAN;
  figure.marked = {{0, 0}};
  const std::string svg = to_svg(figure);
  for (const char* part : {">1.00</text>", ">5.00</text>", ">rflo</text>", ">10</text>", ">loss (nats)</text>"})
    EXPECT_THAT(svg, HasSubstr(part));
  EXPECT_EQ(count(svg, "<title>"), 6U) << "five values and the picture's own";
  EXPECT_EQ(count(svg, "stroke-width=\"2.5\""), 1U);
}

TEST(HeatFigure, ManyCellsStaySmall) {
  const std::string svg = to_svg(grid(64, 150));
  EXPECT_LT(svg.size(), 200000U);
  EXPECT_LT(count(svg, "<path"), 100U);
  EXPECT_THAT(to_svg(grid(0, 0)), HasSubstr("no values"));
}

TEST(TriangleFigure, HasPanelsOnOneScale) {
  TriangleFigure figure;
  figure.x = {"t", "", false};
  figure.y = {"s", "", false};
  figure.value = {"credit", "", true};
  figure.steps = 3;
  const std::vector<double> values = {1, 0.1, 0, NAN, 1, 0.1, NAN, NAN, 1};
  for (const char* title : {"rtrl", "rolling_tbptt(L=1000, update.every=3)", "dni"})
    figure.panels.push_back({title, values, {}});
  figure.panels[2].beside = {1, 1, 1};
  const std::string svg = to_svg(figure);
  for (const char* part : {">rtrl</text>", ">(L=1000, ", ">dni</text>", ">t</text>", ">s</text>", ">credit</text>"})
    EXPECT_THAT(svg, HasSubstr(part));
  EXPECT_EQ(count(svg, "ink-shadow"), 4U) << "three triangles and a column";
  EXPECT_EQ(count(svg, "stroke-width=\""), count(to_svg(figure, Setting::page), "stroke-width=\""));
  // Two colours in each of three panels, one in the column; what no logarithm shows has none.
  EXPECT_EQ(count(svg, "<path stroke=\"#"), 7U);
  figure.panels.clear();
  EXPECT_THAT(to_svg(figure), HasSubstr("no values"));
}

TEST(PanelFigure, HasATickForEachEventAndALineForEachSeries) {
  PanelFigure figure;
  figure.title = "spikes <of> a row";
  figure.x = {"step", "", false};
  figure.last = 10;
  figure.shadows = {{0, 4}};
  PanelFigure::Panel raster, lines;
  raster.y = {"unit", "", false};
  raster.rows = 3;
  raster.events = {{"LIF", plain_look(0), {{0.5, 0}, {2.5, 2}}}, {"ALIF", plain_look(1), {{7.5, 1}}}};
  lines.y = {"v", "", false};
  Series series;
  series.label = "voltage";
  series.look = plain_look(2);
  series.x = {0.5, 1.5, 2.5};
  series.y = {0, NAN, 1};
  lines.series = {series};
  lines.events = {{"LIF", plain_look(0), {{0.5, 0}}}};
  lines.levels = {{"threshold", 0.6}};
  figure.panels = {raster, lines};
  const std::string svg = to_svg(figure);
  for (const char* part : {">spikes &lt;of&gt; a row</text>", ">LIF</text>", ">ALIF</text>", ">voltage</text>",
                           ">threshold</text>", ">step</text>", ">unit</text>", ">v</text>"})
    EXPECT_EQ(count(svg, part), 1U) << part;
  std::size_t ticks = 0;  // moves that go straight down
  for (std::size_t at = svg.find('v'); at != std::string::npos; at = svg.find('v', at + 1))
    ticks += at > 0 && std::isdigit(static_cast<unsigned char>(svg[at - 1])) != 0;
  EXPECT_EQ(ticks, 4U);
  EXPECT_EQ(count(svg, "ink-shadow"), 2U) << "in each panel";
  EXPECT_THAT(to_svg(figure, Setting::page), Not(HasSubstr("of a row</text>")));
  figure.panels.clear();
  EXPECT_THAT(to_svg(figure), HasSubstr("</svg>"));
}

TEST(BarFigure, ABarHasItsNumber) {
  BarFigure figure;
  figure.x = {"time a step", "µs", true};
  figure.bars = {
      {"rtrl", look_of("rtrl"), 120, ""}, {"rflo", look_of("rflo"), 1.2, "1.2 µs"}, {"none", look_of("ok"), NAN, ""}};
  const std::string svg = to_svg(figure);
  for (const char* part : {">120</text>", ">1.2 µs</text>", ">–</text>", ">time a step (µs)</text>"})
    EXPECT_THAT(svg, HasSubstr(part));
  // On a logarithmic axis a length means nothing: marks.
  EXPECT_EQ(count(svg, "<rect class=\"fill"), 0U);
  EXPECT_EQ(count(svg, "class=\"fill look-ink\""), 1U);
  EXPECT_EQ(count(svg, "class=\"fill look-orange\""), 1U);
  figure.x.log = false;
  EXPECT_EQ(count(to_svg(figure), "<rect class=\"fill"), 3U);
}

}  // namespace
}  // namespace chronograd
