// SPDX-License-Identifier: Apache-2.0
// Feed-forward nets have tables and methods of their own.
#include <gmock/gmock.h>

#include "chronograd/config.hpp"
#include "chronograd/method.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;

Config feed_forward(const std::vector<std::string>& overrides = {}) {
  return Config::parse("[net]\nwidths = [8, 4]\n[interface]\nname = \"guess\"\nlambda = 0.25\n[loss]\nname = \"mse\"\n",
                       "net.toml", overrides);
}

Config recurrent() {
  return Config::parse(
      "[model]\ncell = \"leaky\"\nhidden = 4\n[loss]\nname = \"mse\"\n[rule]\nname = \"tbptt\"\nL = 5\n", "exp.toml");
}

TEST(ConfigOfNets, AFeedForwardNetHasInterfacesInPlaceOfRules) {
  const Config net = feed_forward();
  EXPECT_TRUE(net.has("net"));
  EXPECT_FALSE(net.has("model"));
  EXPECT_THAT(net.table("net").numbers("widths"), ElementsAre(8.0, 4.0));
  EXPECT_EQ(net.table("interface").number("lambda"), 0.25);
  EXPECT_EQ(net.table("update").integer("drain_every"), 0);
  EXPECT_TRUE(net.table("model").values().empty());
  EXPECT_TRUE(net.table("rule").values().empty());
  EXPECT_THAT(net.resolved_json(),
              testing::Not(testing::AnyOf(testing::HasSubstr("\"model\""), testing::HasSubstr("\"rule\""),
                                          testing::HasSubstr("\"every\": \"trial\""))));
  EXPECT_THAT(recurrent().resolved_json(), testing::Not(testing::HasSubstr("drain_every")));
  EXPECT_EQ(Config::from_record(net.resolved_json(), "run").resolved_json(), net.resolved_json());
}

TEST(ConfigOfNets, WordsOfMethodsAreOfTheKindOfNet) {
  // `guess` is a rule and an interface here.
  EXPECT_EQ(method_table(recurrent()), "rule");
  EXPECT_EQ(method_table(feed_forward()), "interface");
  EXPECT_EQ(method_name(feed_forward()), "guess");
  EXPECT_EQ(feed_forward().with_method("guess(lambda=1)").table("interface").number("lambda"), 1.0);
  EXPECT_EQ(feed_forward().with_method("backprop").table("interface").word("name"), "backprop");
  EXPECT_FALSE(feed_forward().with_method("backprop").table("interface").has("lambda"));
  EXPECT_EQ(recurrent().with_method("guess").table("rule").word("name"), "guess");
  EXPECT_EQ(parse_method("here", "guess").table, "rule");
  EXPECT_EQ(parse_method("here", "guess", "interface").table, "interface");
  // Another name of the same.
  const Config alias = feed_forward({"interface.name=\"true\""});
  EXPECT_EQ(alias.table("interface").word("name"), "backprop");
  EXPECT_TRUE(alias.table("interface").given("name"));
  EXPECT_EQ(feed_forward().with_method("true").table("interface").word("name"), "backprop");
}

}  // namespace
}  // namespace chronograd
