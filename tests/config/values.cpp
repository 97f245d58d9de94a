// SPDX-License-Identifier: Apache-2.0
// What a configuration that is right gives.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "chronograd/catalogue.hpp"
#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "chronograd/method.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;

constexpr const char* text =
    "seed = 3\n"
    "[model]\ncell = \"leaky\"\nhidden = 4\nalpha = [0.5, 0.25, 1, 0.125]\ndensity = 0.5\n"
    "[loss]\nname = \"mse\"\n"
    "[rule]\nname = \"tbptt\"\nL = 5\nfeedback = \"random\"\n"
    "[update]\nevery = 20\n"
    "[optimizer]\nname = \"momentum\"\nmu = 0.5\nlr = 1\n"
    "[train]\nepochs = 7\n";

Config config(const std::vector<std::string>& overrides = {}) {
  return Config::parse(text, "exp.toml", overrides);
}

TEST(ConfigValues, AreThoseOfTheFile) {
  const Config c = config();
  EXPECT_EQ(c.table("").integer("seed"), 3);
  EXPECT_EQ(c.table("model").word("cell"), "leaky");
  EXPECT_EQ(c.table("model").integer("hidden"), 4);
  EXPECT_THAT(c.table("model").numbers("alpha"), ElementsAre(0.5, 0.25, 1.0, 0.125));
  EXPECT_FALSE(c.table("model").is_word("density"));
  EXPECT_EQ(c.table("model").number("density"), 0.5);
  EXPECT_EQ(c.table("rule").integer("L"), 5);
  EXPECT_EQ(c.table("update").integer("every"), 20);
  EXPECT_EQ(c.table("optimizer").number("lr"), 1.0);  // a whole number where a number is wanted
  EXPECT_EQ(c.table("optimizer").number("mu"), 0.5);
  EXPECT_EQ(c.text(), text);
}

TEST(ConfigValues, DefaultsFillTheRest) {
  const Config c = config();
  EXPECT_EQ(c.table("").word("dtype"), "float32");
  EXPECT_EQ(c.table("model").word("activation"), "tanh");
  EXPECT_TRUE(c.table("model").has("dt"));
  EXPECT_FALSE(c.table("model").given("dt"));
  EXPECT_TRUE(c.table("model").given("alpha"));
  EXPECT_FALSE(c.table("model").has("dale"));
  EXPECT_THAT(c.table("model").words("freeze"), ElementsAre());
  EXPECT_FALSE(c.table("loss").has("normalize"));
  EXPECT_FALSE(c.table("readout").has("activation"));
  EXPECT_FALSE(c.table("train").has("batch"));
  EXPECT_TRUE(c.table("train").flag("shuffle"));
  EXPECT_FALSE(c.has("task"));
  EXPECT_FALSE(c.has("data"));
  EXPECT_FALSE(c.table("task").has("name"));
  EXPECT_EQ(config({"update.every=trial"}).table("update").integer("every"), 0);
}

TEST(ConfigValues, DefaultsOfAnEntryReplaceThoseOfItsTable) {
  EXPECT_EQ(
      Config::parse(
          "model={cell=\"gru\",hidden=1}\nloss={name=\"mse\"}\nrule={name=\"rtrl\"}\noptimizer={name=\"adam\"}", "t")
          .table("optimizer")
          .number("lr"),
      0.002);
}

TEST(ConfigValues, OverridesAreTomlValuesOrWords) {
  const Config c = config({"rule.name=rflo", "optimizer.lr=1e-4", "train.shuffle=false", "model.density=from_zeros",
                           "data.train=my file#1.npz", "data.test=\"2.npz\"", "model.alpha=0.75", "seed = 12",
                           "watch.rules=rtrl, snap(n=2),tbptt(update.every=5,model.alpha=[1,1,1,1])"});
  EXPECT_EQ(c.table("rule").word("name"), "rflo");
  EXPECT_EQ(c.table("optimizer").number("lr"), 1e-4);
  EXPECT_FALSE(c.table("train").flag("shuffle"));
  EXPECT_TRUE(c.table("model").is_word("density"));
  EXPECT_EQ(c.table("data").word("train"), "my file#1.npz");
  EXPECT_EQ(c.table("data").word("test"), "2.npz");
  EXPECT_TRUE(c.has("data"));
  EXPECT_THAT(c.table("model").numbers("alpha"), ElementsAre(0.75));
  EXPECT_EQ(c.table("").integer("seed"), 12);
  EXPECT_THAT(c.table("watch").words("rules"),
              ElementsAre("rtrl", "snap(n=2)", "tbptt(update.every=5,model.alpha=[1,1,1,1])"));
  EXPECT_EQ(config({"data.train=2024"}).table("data").word("train"), "2024");
  EXPECT_EQ(config({"data.train=1979-05-27"}).table("data").word("train"), "1979-05-27");
  EXPECT_EQ(config({"data.train=3 # x"}).table("data").word("train"), "3 # x");
  EXPECT_THAT(config({"watch.rules=[rtrl, snap(n=2)]"}).table("watch").words("rules"),
              ElementsAre("rtrl", "snap(n=2)"));
  EXPECT_THAT(config({"watch.rules=[]"}).table("watch").words("rules"), ElementsAre());
  EXPECT_EQ(config({"seed=1", "seed=2"}).table("").integer("seed"), 2);  // the last one counts
}

TEST(ConfigValues, ACommentIsNoPartOfANumber) {
  EXPECT_THROW(config({"seed=3 # x"}), Error);
  EXPECT_THROW(config({"seed=3] #"}), Error);
  EXPECT_THROW(config({"seed=3\nrule.L = 4"}), Error);
  EXPECT_THROW(config({"seed=3,"}), Error);
  EXPECT_THROW(config({"seed=3, 4"}), Error);
}

TEST(ConfigValues, AnotherEntryDropsTheOptionsOfTheOldOne) {
  const Config c = config({"rule.name=rflo"});
  EXPECT_FALSE(c.table("rule").has("L"));
  EXPECT_EQ(c.table("rule").word("feedback"), "random");  // a key of the table, not of the rule
  EXPECT_EQ(config({"rule.name=rolling_tbptt"}).table("rule").integer("L"), 10);
  EXPECT_EQ(config({"rule.L=3", "rule.name=rolling_tbptt"}).table("rule").integer("L"), 3);
  EXPECT_EQ(config({"rule.name=tbptt"}).table("rule").integer("L"), 5);
  EXPECT_FALSE(config({"model.cell=gru"}).table("model").has("alpha"));
  EXPECT_FALSE(config({"optimizer.name=sgd"}).table("optimizer").has("mu"));
  EXPECT_EQ(config({"optimizer.name=sgd"}).table("optimizer").number("lr"), 1.0);
  EXPECT_EQ(config({"optimizer.name=adam"}).table("optimizer").number("lr"), 1.0);
}

TEST(ConfigValues, ASettingOfAnEntryMayNameAnother) {
  const Config mlp = config({"rule.name=guess", "rule.synthesiser=mlp", "rule.sg_hidden=[4, 3]"});
  EXPECT_THAT(mlp.table("rule").numbers("sg_hidden"), ElementsAre(4.0, 3.0));
  EXPECT_EQ(config({"rule.name=guess"}).table("rule").word("synthesiser"), "linear");
  EXPECT_FALSE(config().table("rule").has("synthesiser"));
  // What it brought goes with it, and with the entry whose setting it is.
  EXPECT_FALSE(mlp.with({"rule.synthesiser=linear"}).table("rule").has("sg_hidden"));
  EXPECT_FALSE(mlp.with({"rule.name=rflo"}).table("rule").has("sg_hidden"));
  EXPECT_FALSE(mlp.with_method("rflo").table("rule").has("synthesiser"));
}

TEST(ConfigValues, UpdatesReplaceEpochs) {
  const Config c = config({"train.updates=9"});
  EXPECT_EQ(c.table("train").integer("updates"), 9);
  EXPECT_FALSE(c.table("train").given("epochs"));
  EXPECT_FALSE(c.with({"train.epochs=2"}).table("train").has("updates"));
  EXPECT_FALSE(c.with({"train.steps=2"}).table("train").has("updates"));
  EXPECT_FALSE(c.with({"train.steps=2"}).with({"train.epochs=2"}).table("train").has("steps"));
}

TEST(ConfigValues, WithLeavesTheOriginalAlone) {
  const Config c = config();
  const Config changed = c.with({"seed=9"}).with({"optimizer.lr=0.5"});
  EXPECT_EQ(changed.table("").integer("seed"), 9);
  EXPECT_EQ(changed.table("optimizer").number("lr"), 0.5);
  EXPECT_EQ(c.table("").integer("seed"), 3);
  EXPECT_EQ(changed.text(), c.text());
  EXPECT_FALSE(config({"rule.L=7"}).with({"rule.name=rtrl"}).table("rule").has("L"));
}

TEST(ConfigValues, RuleWordsSetOptionsOfTheRuleAndOtherKeys) {
  const Config c = config().with_method("snap( n=2, update.every=4 , optimizer.lr=1e-2,model.alpha=[1,0.5,0.5,1])");
  EXPECT_EQ(c.table("rule").word("name"), "snap");
  EXPECT_EQ(c.table("rule").integer("n"), 2);
  EXPECT_FALSE(c.table("rule").has("L"));
  EXPECT_EQ(c.table("update").integer("every"), 4);
  EXPECT_EQ(c.table("optimizer").number("lr"), 0.01);
  EXPECT_THAT(c.table("model").numbers("alpha"), ElementsAre(1.0, 0.5, 0.5, 1.0));
  EXPECT_EQ(config().with_method("rtrl()").table("rule").word("name"), "rtrl");
  EXPECT_EQ(config().with_method("tbptt").table("rule").integer("L"), 5);
}

TEST(ConfigValues, WrongRuleWordsAreRefused) {
  const auto message = [](const std::string& word) -> std::string {
    try {
      config().with_method(word);
    } catch (const Error& error) {
      return error.what();
    }
    return "(no error)";
  };
  EXPECT_EQ(message("snap(n=0)"), "[snap(n=0) rule.n] got 0, allowed is a whole number >= 1.");
  EXPECT_EQ(message("snap(2)"), "[rule] got \"2\" in \"snap(2)\", allowed is key=value. Example: snap(n=2).");
  EXPECT_THAT(message("snap(n=2"), testing::StartsWith("[rule] got \"snap(n=2\""));
  EXPECT_THAT(message("snap)"), testing::StartsWith("[rule] got \"snap)\""));
  EXPECT_THAT(message(""), testing::StartsWith("[rule] got \"\""));
  EXPECT_THAT(message("snap(n=1)(n=2)"), testing::HasSubstr("bracket"));
  EXPECT_THAT(message("snap(name=rtrl)"), testing::HasSubstr("before the bracket"));
  EXPECT_THAT(message("snap(L=2)"), testing::HasSubstr("snap has no option L; tbptt, rolling_tbptt have."));
  EXPECT_THAT(message("rtrk"), testing::HasSubstr("did you mean rtrl?"));
}

TEST(ConfigValues, ResolvedJsonHasEverySettingInAFixedOrder) {
  const char* expected = R"({
  "version": null,
  "seed": 3,
  "dtype": "float32",
  "threads": 0,
  "model": {
    "cell": "leaky",
    "hidden": 4,
    "layers": 1,
    "train": null,
    "share": null,
    "freeze": [],
    "alpha": [
      0.5,
      0.25,
      1.0,
      0.125
    ],
    "dt": 1.0,
    "activation": "tanh",
    "density": 0.5,
    "gain": 1.0,
    "dale": null
  },
  "readout": {
    "activation": null,
    "tau_out": null,
    "zeta_out": null,
    "average": false,
    "decide": null
  },
  "loss": {
    "name": "mse",
    "normalize": null,
    "class_weights": null
  },
  "regularise": {
    "rate_cost": null,
    "rate_target": null,
    "average": null,
    "rate_tau": null
  },
  "rule": {
    "name": "tbptt",
    "preset": null,
    "feedback": "random",
    "feedback_scale": 1.0,
    "feedback_decay": 0.0,
    "whiten": null,
    "L": 5
  },
  "update": {
    "every": 20
  },
  "optimizer": {
    "name": "momentum",
    "lr": 1.0,
    "l2": 0.0,
    "clip": 0.0,
    "clamp": null,
    "schedule": "constant",
    "decay": 1.0,
    "lr_final": 0.0,
    "warmup": 0,
    "horizon": 0,
    "mu": 0.5
  },
  "task": {
    "name": "add",
    "validation": null,
    "lags": [
      5.0,
      10.0
    ],
    "length": "trial"
  },
  "train": {
    "updates": null,
    "steps": null,
    "epochs": 7,
    "batch": null,
    "shuffle": true,
    "report_every": 0,
    "test_every": 0,
    "validate_every": null,
    "patience": null,
    "average": null,
    "memory": null,
    "checkpoint_every": 0,
    "test_steps": 10000
  },
  "watch": {
    "rules": [],
    "every": 100,
    "credit": 0
  },
  "given": [
    "seed",
    "model.cell",
    "model.hidden",
    "model.alpha",
    "model.density",
    "loss.name",
    "rule.name",
    "rule.feedback",
    "rule.L",
    "update.every",
    "optimizer.name",
    "optimizer.lr",
    "optimizer.mu",
    "task.name",
    "train.epochs"
  ]
}
)";
  EXPECT_EQ(config({"task.name=add"}).resolved_json(), expected);
  // The order in which things are written does not matter.
  EXPECT_EQ(config({"optimizer.lr=0.5", "seed=4"}).resolved_json(),
            config({"seed=4", "optimizer.lr=0.5"}).resolved_json());
  // A path that is no UTF-8 does not stop a run from being recorded.
  EXPECT_THAT(config({"data.train=a\xff.npz"}).resolved_json(), testing::HasSubstr("a\xef\xbf\xbd.npz"));
}

TEST(ConfigValues, CopiesAndMoves) {
  Config a = config();
  Config b = a;
  b = b.with({"seed=8"});
  a = b;
  const Config c = std::move(b);
  EXPECT_EQ(a.table("").integer("seed"), 8);
  EXPECT_EQ(c.table("").integer("seed"), 8);
}

TEST(ConfigValues, UnknownTablesAndKeysAreMistakesInCode) {
  const Config c = config();
  EXPECT_THROW(c.table("modell"), std::logic_error);
  EXPECT_THROW(c.table("model").number("nothing"), std::logic_error);
  EXPECT_THROW(c.table("model").number("cell"), std::logic_error);
  EXPECT_THROW(c.table("model").integer("gain"), std::logic_error);
}

TEST(ConfigTables, DefaultsOfEveryTableAreAllowedThemselves) {
  // Defaults go through the same check as what users write; so a complete file reads without error. Some tables are
  // those of one kind of net.
  const Config recurrent = config(),
               net = Config::parse("[net]\nwidths = 8\n[interface]\nname = \"guess\"\n[loss]\nname = \"mse\"\n", "net");
  for (const OptionTable& table : option_tables())
    for (const Option& option : table.options) {
      EXPECT_NE(std::string(option.help), "") << table.name << "." << option.key;
      EXPECT_NE(allowed_text(option), "") << table.name << "." << option.key;
      if (*option.fallback == '\0' || table.name == std::string("task")) continue;
      EXPECT_TRUE(recurrent.table(table.name).has(option.key) || net.table(table.name).has(option.key))
          << table.name << "." << option.key;
    }
}

TEST(Names, NearestIsFoundByEditDistance) {
  const std::vector<std::string> names = {"rflo", "rtrl", "tbptt", "rolling_tbptt"};
  EXPECT_EQ(nearest_name("rlfo", names), "rflo");
  EXPECT_EQ(nearest_name("RTRL", names), "rtrl");
  EXPECT_EQ(nearest_name("rolling_bptt", names), "rolling_tbptt");
  EXPECT_EQ(nearest_name("zebra", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("rflo", {}), "");
  EXPECT_EQ(nearest_name(std::string(1000000, 'r'), names), "");
}

TEST(Words, ListsAreSplitOutsideOfBracketsAndQuotes) {
  EXPECT_THAT(split_list("w", "a"), ElementsAre("a"));
  EXPECT_THAT(split_list("w", "a,b(x=1,y=(2,3)),c"), ElementsAre("a", "b(x=1,y=(2,3))", "c"));
  EXPECT_THAT(split_list("w", " a , b(x=[1,2]) "), ElementsAre("a", "b(x=[1,2])"));
  EXPECT_THAT(split_list("w", "a(x=\"),(\"),b"), ElementsAre("a(x=\"),(\")", "b"));
  for (const char* wrong : {"", " ", "a,", ",a", "a,,b", "a(", "a)", "a(b]", "[a", "a\"b"})
    EXPECT_THROW(split_list("w", wrong), Error) << wrong;
}

TEST(Words, Seeds) {
  EXPECT_THAT(parse_seeds("0..4"), ElementsAre(0u, 1u, 2u, 3u, 4u));
  EXPECT_THAT(parse_seeds("0,3,7"), ElementsAre(0u, 3u, 7u));
  EXPECT_THAT(parse_seeds("9, 1..2"), ElementsAre(9u, 1u, 2u));
  EXPECT_THAT(parse_seeds("5..5"), ElementsAre(5u));
  EXPECT_THAT(parse_seeds("9223372036854775807"), ElementsAre(9223372036854775807u));
  for (const char* wrong : {"", "a", "-1", "1.5", "4..0", "0..", "..3", "0,,1", "0,", "1,1", "0..2,1", "0...3", "1e3",
                            "9223372036854775808", "0..9223372036854775807", "0x3", "0..99999,100000"})
    EXPECT_THROW(parse_seeds(wrong), Error) << wrong;
  EXPECT_EQ(parse_seeds("0..99999").size(), 100000u);
}

}  // namespace
}  // namespace chronograd
