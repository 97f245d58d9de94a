// SPDX-License-Identifier: Apache-2.0
// What tables of rules say beside their numbers.
#include "studies/cautions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chronograd/run_result.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Config config_of(const std::vector<std::string>& changes) {
  return Config::parse(
      "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[update]\nevery=1\n[task]\nname='sine'"
      "\n",
      "test", changes);
}

std::vector<std::string> coinciding(const std::vector<std::string>& rules, const std::vector<std::string>& changes) {
  std::vector<NamedConfig> rows;
  for (const std::string& rule : rules) rows.push_back({rule, config_of(changes).with_method(rule)});
  return coinciding_rules(rows);
}

TEST(Cautions, RulesThatAreOneAreNamed) {
  // A unit that keeps nothing of itself has no trace; a window of one step is none.
  EXPECT_THAT(coinciding({"tbptt", "rflo", "uoro", "immediate"}, {"model.alpha=1"}),
              ElementsAre(StartsWith("tbptt, rflo and immediate are one rule here: ")));
  EXPECT_THAT(coinciding({"rflo", "immediate"}, {}), ElementsAre(HasSubstr(one_rule))) << "alpha is 1 by default";
  EXPECT_THAT(coinciding({"rflo", "immediate"}, {"model.dt=2", "model.tau=2"}), ElementsAre(HasSubstr(one_rule)));
  EXPECT_THAT(coinciding({"rflo", "immediate", "uoro"}, {"model.alpha=0.5"}), IsEmpty());
  EXPECT_THAT(coinciding({"rflo", "immediate"}, {"model.alpha=[1, 1, 1, 0.9]"}), IsEmpty());
  EXPECT_THAT(
      coinciding({"tbptt(L=1)", "rolling_tbptt(L=1)", "immediate", "tbptt"}, {"model.alpha=0.5", "update.every=5"}),
      ElementsAre(StartsWith("tbptt(L=1), rolling_tbptt(L=1) and immediate are")));
  EXPECT_THAT(coinciding({"bptt", "rtrl", "tbptt", "dni_window"}, {"update.every=trial"}),
              ElementsAre(StartsWith("bptt, rtrl, tbptt and dni_window are")));
  EXPECT_THAT(coinciding({"dni_window", "dni_window(L=5)", "dni_window(L=5,synthesiser=mlp)"}, {"update.every=5"}),
              ElementsAre(StartsWith("dni_window and dni_window(L=5) are")));
  EXPECT_THAT(coinciding({"bp_lambda", "bp_lambda(block=2)", "bp_lambda(synthesiser=mlp,sg_hidden=2)",
                          "bp_lambda(synthesiser=mlp,sg_hidden=3)"},
                         {"update.every=5"}),
              ElementsAre(StartsWith("bp_lambda and bp_lambda(block=2) are")));
  EXPECT_THAT(coinciding({"rflo(decay=0)", "immediate", "rflo(decay=0.5)", "rflo"}, {"model.alpha=0.5"}),
              ElementsAre(StartsWith("rflo(decay=0) and immediate are")));
  const std::vector<std::string> in_16_bits = {"rtrl", "rtrl(block=2)", "rtrl(influence=bf16)"};
  EXPECT_THAT(coinciding(in_16_bits, {}), ElementsAre(StartsWith("rtrl and rtrl(block=2) are")));
  EXPECT_THAT(coinciding(in_16_bits, {"update.every=trial"}), ElementsAre(HasSubstr("and rtrl(influence=bf16) are")));
  EXPECT_THAT(coinciding(in_16_bits, {"model.cell=lru"}), ElementsAre(HasSubstr("and rtrl(influence=bf16) are")));
  EXPECT_THAT(coinciding({"rtrl", "rflo", "snap", "rflo(decay=0.5)"}, {"model.cell=lru"}),
              ElementsAre(StartsWith("rtrl, rflo and snap are")));
}

TEST(Cautions, RulesUnderOtherUpdatesOrFeedbackAreNotOne) {
  EXPECT_THAT(coinciding({"rflo", "immediate(update.every=2)"}, {}), IsEmpty());
  EXPECT_THAT(coinciding({"rflo(feedback=random)", "immediate"}, {}), IsEmpty());
  EXPECT_THAT(coinciding({"rflo(optimizer.lr=1)", "rflo(optimizer.lr=2)"}, {}), IsEmpty())
      << "nobody takes them for two";
  EXPECT_THAT(coinciding({"uoro", "uoro"}, {}), IsEmpty());
}

TEST(Cautions, OneRateForAllIsSaid) {
  const auto said = [](const std::vector<std::string>& rules) {
    std::vector<Config> configs;
    for (const std::string& rule : rules) configs.push_back(config_of({"optimizer.lr=0.02"}).with_method(rule));
    return untuned_rate(parse_methods("rules", rules), configs);
  };
  EXPECT_THAT(said({"rflo", "rtrl"}), StartsWith("All rules share one learning rate, optimizer.lr = 0.02, "));
  EXPECT_EQ(said({"rflo"}), "");
  EXPECT_EQ(said({"rflo(optimizer.lr=0.02)", "rtrl"}), "") << "somebody chose";
  EXPECT_EQ(said({"rflo(optimizer.lr=0.02)", "rtrl(optimizer.lr=0.1)"}), "");
}

TEST(Cautions, UnequalDataNamesTheStepsOfEachRow) {
  EXPECT_EQ(unequal_amounts({}), "");
  EXPECT_EQ(unequal_amounts({{"a", 100, 100}, {"b", 101, 101}, {"c", 0, 0}}), "");
  EXPECT_THAT(unequal_amounts({{"rtrl", 100, 100}, {"tbptt(update.every=20)", 2000, 2000}}),
              StartsWith("Unequal data: rtrl saw 100 steps and tbptt(update.every=20) saw 2000. "));
  EXPECT_THAT(unequal_amounts({{"a", 100, 120}, {"b", 110, 110}}), HasSubstr("a saw 100 to 120 steps and b saw 110."));
  AmountOfData some{"ledgers of two versions"};
  for (const std::int64_t steps : {0, 100, 0, 120}) some.add(steps);
  EXPECT_EQ(some.least, 100) << "0 is not known";
  EXPECT_EQ(some.most, 120);
  std::vector<AmountOfData> many;
  for (int i = 0; i < 20; ++i) many.push_back({std::to_string(i), 100 + i, 100 + i});
  EXPECT_THAT(unequal_amounts(many), StartsWith("Unequal data: 0 saw 100 steps and 19 saw 119. "));
}

TEST(Cautions, ALossAboveTheFloorIsNothingLearnt) {
  const Reference floor{"constant output", 0.5, true};
  EXPECT_EQ(nothing_learnt(0.512, floor, 100),
            "nothing learnt yet: 100 steps end at 0.512, above constant output (0.5)");
  EXPECT_EQ(nothing_learnt(0.5, floor, 100), "");
  EXPECT_EQ(nothing_learnt(not_measured, floor, 100), "");
  EXPECT_EQ(nothing_learnt(1, {"", not_measured, true}, 100), "");
}

}  // namespace
}  // namespace chronograd
