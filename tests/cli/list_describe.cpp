// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "chronograd/config.hpp"
#include "chronograd/rule.hpp"
#include "cli/run_program.hpp"

namespace chronograd {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json json_of(const std::string& arguments) {
  const Outcome got = chronograd_run(arguments + " --json");
  EXPECT_THAT(got, ExitsWith(0));
  EXPECT_EQ(got.err, "");
  return json::parse(got.out);
}

TEST(List, NamesEveryRule) {
  const std::string text = chronograd_run("list").out;
  const json rules = json_of("list rules")["rules"];
  const auto names = names_of<RuleRecord>();
  ASSERT_EQ(rules.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(rules[i]["name"], names[i]);
    EXPECT_THAT(text, HasSubstr("\n  " + names[i] + " "));
  }
  EXPECT_THAT(json_of("list rules").dump(), HasSubstr("\"promise\":\"exact\""));
}

TEST(List, KnowsAllKinds) {
  const json all = json_of("list");
  for (const char* kind : {"rules", "cells", "tasks", "losses", "optimizers", "feedback"}) {
    ASSERT_TRUE(all.contains(kind)) << kind;
    EXPECT_FALSE(all[kind].empty()) << kind;
    EXPECT_EQ(json_of(std::string("list ") + kind)[kind], all[kind]);
  }
}

TEST(List, QuietIsForScripts) {
  EXPECT_EQ(chronograd_run("list feedback --quiet").out, "symmetric\nrandom\nadaptive\n");
}

TEST(Describe, TasksSayWhatTheirLossCanBeComparedWith) {
  EXPECT_THAT(chronograd_run("describe add").out,
              HasSubstr("\n  compare     loss with no memory 0.6616; first lag alone 0.5192; "));
  EXPECT_NEAR(json_of("describe copy")["references"]["symbols by chance"].get<double>(), 0.6931, 1e-4);
  EXPECT_EQ(chronograd_run("describe rflo").out.find("compare"), std::string::npos);
}

TEST(Describe, EveryTaskHasSomethingToCompareWith) {
  const json tasks = json_of("list tasks")["tasks"];
  for (const json& task : tasks) {
    const std::string name = task["name"];
    if (name.starts_with("fashion_") && !std::filesystem::exists("/usr/share/datasets/fashion-mnist")) continue;
    const json references = json_of("describe task " + name)["references"];
    EXPECT_FALSE(references.empty()) << name;
    for (const json& value : references) EXPECT_TRUE(value.is_number()) << name;
    EXPECT_THAT(chronograd_run("describe task " + name).out, HasSubstr("\n  compare     loss with ")) << name;
  }
}

TEST(Describe, EveryEntryHasTextAndJson) {
  const json all = json_of("list");
  for (const auto& [kind, entries] : all.items())
    for (const json& entry : entries) {
      const std::string name = entry["name"];
      const Outcome text = chronograd_run("describe " + kind + " " + name);
      EXPECT_THAT(text, ExitsWith(0)) << kind << " " << name;
      EXPECT_THAT(text.out, HasSubstr(" " + name + ": " + entry["title"].get<std::string>()));
      const json described = json_of("describe " + kind + " " + name);
      EXPECT_EQ(described["name"], name);
      for (const json& option : described["options"])
        EXPECT_THAT(text.out, HasSubstr("\n  " + option["key"].get<std::string>() + " ")) << kind << " " << name;
    }
}

TEST(Describe, ANameAloneIsEnough) {
  EXPECT_EQ(chronograd_run("describe rflo").out, chronograd_run("describe rule rflo").out);
  EXPECT_EQ(chronograd_run("describe csv").out,
            chronograd_run("describe format csv").out + "\n" + chronograd_run("describe export csv").out);
  EXPECT_THAT(chronograd_run("describe csv --json").err, HasSubstr("Write describe format csv."));
  const std::string text = chronograd_run("describe rflo").out;
  for (const char* part : {"promise", "memory", "time", "murray2019local", "[rule] name = \"rflo\""})
    EXPECT_THAT(text, HasSubstr(part));
}

/// What a rule does where its paper says nothing: on gated cells, and on stacks.
TEST(Describe, RulesSayHowTheyAreReadOnEveryCell) {
  for (const char* rule : {"rflo", "eprop", "snap"}) {
    const std::string text = json_of(std::string("describe rule ") + rule)["text"];
    for (const char* part : {"gru", "lstm", "In a stack each layer has the rule to itself"})
      EXPECT_THAT(text, HasSubstr(part)) << rule;
    EXPECT_THAT(json_of(std::string("describe rule ") + rule)["facts"]["promise"].get<std::string>(),
                HasSubstr("in one layer"));
  }
  EXPECT_THAT(json_of("describe rule rolling_tbptt")["text"].get<std::string>(), HasSubstr("as it was measured"));
  EXPECT_THAT(chronograd_run("describe rflo").out, HasSubstr("\n  A is what the cell's unit keeps"));
}

TEST(Describe, FactsOfARuleAreFieldsOfTheirOwn) {
  const json snap = json_of("describe snap");
  EXPECT_EQ(snap["formulae"][0], json({{"text", "M_t = P_n * (J_t M_{t-1} + Mbar_t)"},
                                       {"tex", R"(M_{t} = P_{n} \odot (J_{t}\,M_{t - 1} + \bar{M}_{t}))"}}));
  EXPECT_EQ(snap["promise"], "biased");
  EXPECT_EQ(snap["limit"]["tex"], nullptr) << "words";
  EXPECT_EQ(snap["memory"], json({{"text", "r s"}, {"tex", R"(r\,s)"}}));
  EXPECT_EQ(snap["window"], "any");
  EXPECT_EQ(snap["past_facing"], true);
  std::map<std::string, std::string> meanings;  // those of formulae, then those of costs
  for (const json& symbol : snap["symbols"])
    meanings[symbol["in"].get<std::string>() + " " + symbol["symbol"].get<std::string>()] =
        symbol["meaning"].get<std::string>();
  EXPECT_THAT(meanings["formulae P"], HasSubstr("reaches in n steps"));
  EXPECT_EQ(meanings["formulae M"], "influence dh_t/dtheta");
  EXPECT_EQ(meanings["costs s"], "weights present");

  const json tbptt = json_of("describe tbptt");
  EXPECT_EQ(tbptt["limit"], json({{"text", "L >= T"}, {"tex", R"(L \ge T)"}}));
  EXPECT_EQ(tbptt["window"], "interval");
  EXPECT_EQ(tbptt["past_facing"], false);
  EXPECT_EQ(tbptt["lag"], nullptr);
  EXPECT_EQ(json_of("describe f_bptt")["lag"]["text"], "L - 1");
  EXPECT_THAT(chronograd_run("describe f_bptt").out, HasSubstr("and is given L - 1 steps later"));
  EXPECT_EQ(json_of("describe bptt")["limit"], nullptr);
  EXPECT_EQ(json_of("describe bptt")["window"], "row");
  EXPECT_FALSE(json_of("describe leaky").contains("promise"));
  EXPECT_EQ(json_of("describe leaky")["formulae"].size(), 2U);
  EXPECT_THAT(chronograd_run("describe snap").out, HasSubstr("\n  M_t = P_n * (J_t M_{t-1} + Mbar_t)\n  n = 1: e_t"));
}

TEST(Describe, OptionsSayDefaultRangeAndUnit) {
  const std::string leaky = chronograd_run("describe cell leaky").out;
  EXPECT_THAT(leaky, HasSubstr("a number > 0 ms"));
  EXPECT_THAT(leaky, HasSubstr("one of identity, tanh, sigmoid, relu, softplus"));
  EXPECT_THAT(leaky, HasSubstr("W_rec (d,d), W_in (d,n), b_h (d)"));
  EXPECT_THAT(chronograd_run("describe cell gru").out,
              HasSubstr("weight_ih_l0 (3d,n), weight_hh_l0 (3d,d), bias_ih_l0 (3d)"));
  const json options = json_of("describe config optimizer")["optimizer"]["options"];
  const auto rate =
      std::find_if(options.begin(), options.end(), [](const json& option) { return option["key"] == "lr"; });
  ASSERT_NE(rate, options.end());
  EXPECT_EQ((*rate)["default"], 0.001);
  EXPECT_EQ((*rate)["low"], 0.0);
  EXPECT_EQ((*rate)["high"], nullptr);
}

TEST(Describe, ATableIsFoundByItsName) {
  for (const OptionTable& table : option_tables()) {
    if (*table.name == '\0') continue;
    const std::string name = table.name;
    EXPECT_EQ(chronograd_run("describe " + name).out, chronograd_run("describe config " + name).out);
    EXPECT_EQ(json_of("describe " + name), json_of("describe config " + name));
  }
  EXPECT_THAT(chronograd_run("describe model").out,
              HasSubstr("cells for cell, each with keys of its own (describe NAME): "
                        "leaky, "));
  EXPECT_THAT(chronograd_run("describe rule").out, HasSubstr("\n  feedback for feedback, each"));
}

TEST(Describe, ConfigHasEveryTable) {
  const json all = json_of("describe config");
  const std::string text = chronograd_run("describe config").out;
  for (const OptionTable& table : option_tables()) {
    ASSERT_TRUE(all.contains(table.name)) << table.name;
    EXPECT_EQ(all[table.name]["options"].size(), table.options.size());
    for (const Option& option : table.options) EXPECT_THAT(text, HasSubstr("\n  " + std::string(option.key) + " "));
  }
}

}  // namespace
}  // namespace chronograd
