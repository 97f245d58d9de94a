// SPDX-License-Identifier: Apache-2.0
#include "studies/axis.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    return error.what();
  }
  return "nothing was refused";
}

TEST(Axis, ListsOfWordsAndNumbers) {
  EXPECT_THAT(parse_axis("optimizer.name=sgd, adam").values, ElementsAre("sgd", "adam"));
  EXPECT_THAT(parse_axis("model.freeze=[W_rec,b_h],[]").values, ElementsAre("[W_rec,b_h]", "[]"));
  EXPECT_THAT(parse_axis("rule.name=tbptt(update.every=20, L=7),rtrl").values,
              ElementsAre("tbptt(update.every=20, L=7)", "rtrl"));
}

TEST(Axis, RangesHaveBothEndsAndSixDigits) {
  EXPECT_THAT(parse_axis("optimizer.lr=log(1e-4,1e-1,7)").values,
              ElementsAre("1e-04", "0.000316228", "0.001", "0.00316228", "0.01", "0.0316228", "0.1"));
  EXPECT_THAT(parse_axis("model.hidden=log(8,64,4)").values, ElementsAre("8", "16", "32", "64"));
  EXPECT_THAT(parse_axis("model.alpha=lin(0.1,0.5,5)").values, ElementsAre("0.1", "0.2", "0.3", "0.4", "0.5"));
  EXPECT_THAT(parse_axis("model.gain=lin(-1,1,3)").values, ElementsAre("-1", "0", "1"));
  EXPECT_THAT(parse_axis("optimizer.l2=0,log(1e-5,1e-3,3)").values, ElementsAre("0", "1e-05", "1e-04", "0.001"));
}

TEST(Axis, ASingleValueIsAChangeOfTheConfiguration) {
  EXPECT_FALSE(is_axis("optimizer.lr=0.1"));
  EXPECT_FALSE(is_axis("model.freeze=[W_rec,b_h]"));
  EXPECT_FALSE(is_axis("data.train=\"some (1), other\""));
  EXPECT_FALSE(is_axis("rule.name=rtrl"));
  EXPECT_FALSE(is_axis("optimizer.lr="));  // for the configuration to refuse
  EXPECT_TRUE(is_axis("rule.name=tbptt(L=7)"));
  EXPECT_TRUE(is_axis("optimizer.lr=0.1,0.2"));
  EXPECT_TRUE(is_axis("optimizer.lr=log(1,2,3)"));
  EXPECT_TRUE(is_axis("optimizer.lr=logg(1,2,3)"));
}

TEST(Axis, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"optimizer.lr=log(1e-4,1e-1)",
       "[optimizer.lr] got \"log(1e-4,1e-1)\", allowed is log(low, high, n) with numbers. Example: "
       "optimizer.lr=log(1e-4,1e-1,7)."},
      {"optimizer.lr=log(0,1,3)",
       "[optimizer.lr] got \"log(0,1,3)\", allowed is log(low, high, n) with low > 0. Example: "
       "optimizer.lr=log(1e-4,1e-1,7)."},
      {"optimizer.lr=lin(1,1,3)",
       "[optimizer.lr] got \"lin(1,1,3)\", allowed is lin(low, high, n) with low < high. Example: "
       "optimizer.lr=lin(1e-4,1e-1,7)."},
      {"optimizer.lr=lin(0,1,1)",
       "[optimizer.lr] got \"lin(0,1,1)\", allowed is lin(low, high, n) with a whole number n in [2, 10000]. Example: "
       "optimizer.lr=lin(1e-4,1e-1,7)."},
      {"optimizer.lr=lin(0,1,2.5)",
       "[optimizer.lr] got \"lin(0,1,2.5)\", allowed is lin(low, high, n) with a whole number n in [2, 10000]. "
       "Example: "
       "optimizer.lr=lin(1e-4,1e-1,7)."},
      {"optimizer.lr=log(a,b,3)",
       "[optimizer.lr] got \"log(a,b,3)\", allowed is log(low, high, n) with numbers. Example: "
       "optimizer.lr=log(1e-4,1e-1,7)."},
      {"optimizer.lr=log(1,inf,3)",
       "[optimizer.lr] got \"log(1,inf,3)\", allowed is log(low, high, n) with numbers. Example: "
       "optimizer.lr=log(1e-4,1e-1,7)."},
      {"optimizer.lr=logg(1,2,3)",
       "[optimizer.lr] unknown name \"logg\", did you mean log? Allowed: lin, log, uniform, loguniform."},
      {"optimizer.lr=uniform(0,1),0.5", "[optimizer.lr] got \"uniform(0,1),0.5\", but uniform stands alone."},
      {"optimizer.lr=uniform(0,1,3)",
       "[optimizer.lr] got \"uniform(0,1,3)\", allowed is uniform(low, high) with numbers. Example: "
       "optimizer.lr=uniform(1e-4,1e-1)."},
      {"optimizer.lr=0.1,0.2,0.1", "[optimizer.lr] got \"0.1,0.2,0.1\", but 0.1 is named twice. Leave one out."},
      {"optimizer.lr=0.1,,0.2", "[optimizer.lr] got \"0.1,,0.2\", an element of the list is empty."},
      {"optimizer.lr=log(1,2,3", "[optimizer.lr] got \"log(1,2,3\", a bracket ( is not closed."},
      {"seed=0,1", "[seed] got \"0,1\", but seeds are no axis. Give --seeds 0..4."},
      {"optimizer.lr",
       "[command line] got \"optimizer.lr\", allowed is key=values. Example: "
       "optimizer.lr=log(1e-4,1e-1,7)."},
  };
  for (const auto& [word, text] : cases) EXPECT_EQ(refusal([word = word] { parse_axis(word); }), text) << word;
}

TEST(Axis, CombinationsRunThroughTheLastAxisFirst) {
  const std::vector<SweepAxis> axes = {parse_axis("rule.name=rtrl,rflo"), parse_axis("optimizer.lr=1,2")};
  EXPECT_THAT(combinations(axes), ElementsAre(ElementsAre("rtrl", "1"), ElementsAre("rtrl", "2"),
                                              ElementsAre("rflo", "1"), ElementsAre("rflo", "2")));
  EXPECT_THAT(combinations({}), ElementsAre(ElementsAre()));
}

TEST(Axis, DrawnValuesComeFromTheSeedAlone) {
  const auto drawn = [](std::int64_t samples, std::uint64_t seed) {
    std::vector<SweepAxis> axes = {parse_axis("rule.name=rtrl,rflo"), parse_axis("optimizer.lr=loguniform(1e-4,1e-1)"),
                                   parse_axis("model.gain=uniform(-2,2)")};
    draw_values(axes, samples, seed);
    return combinations(axes);
  };
  const auto many = drawn(1000, 7);
  ASSERT_EQ(many.size(), 2000U);
  EXPECT_EQ(drawn(1000, 7), many);
  EXPECT_NE(drawn(1000, 8), many);
  const auto few = drawn(10, 7);
  double mean = 0, logarithms = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(many[i][1], many[1000 + i][1]);  // every rule gets the same draws
    EXPECT_EQ(few[i % 10], many[i % 10]);      // more samples leave the first as they are
    const double rate = std::stod(many[i][1]), gain = std::stod(many[i][2]);
    EXPECT_TRUE(rate >= 1e-4 && rate <= 1e-1 && gain >= -2 && gain <= 2);
    mean += gain / 1000;
    logarithms += std::log10(rate) / 1000;
  }
  // Means of 1000 draws have standard deviations of 4/sqrt(12000) = 0.037 and 3/sqrt(12000) = 0.027: five of them.
  EXPECT_NEAR(mean, 0, 0.19);
  EXPECT_NEAR(logarithms, -2.5, 0.14);
}

TEST(Axis, SamplesAndDrawnAxesGoTogether) {
  std::vector<SweepAxis> grid = {parse_axis("optimizer.lr=1,2")}, drawn = {parse_axis("optimizer.lr=uniform(0,1)")};
  EXPECT_EQ(refusal([&] { draw_values(drawn, 0, 0); }),
            "[--samples] is missing: uniform and loguniform need it. Example: --samples 20.");
  EXPECT_EQ(refusal([&] { draw_values(grid, 3, 0); }),
            "[--samples] got 3, but no axis is drawn. Example: optimizer.lr=loguniform(1e-4,1e-1).");
}

}  // namespace
}  // namespace chronograd
