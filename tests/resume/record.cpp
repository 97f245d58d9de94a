// SPDX-License-Identifier: Apache-2.0
// A configuration comes back from its record as it was.
#include "config/record.hpp"

#include <gmock/gmock.h>

#include "chronograd/config.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

Config config(const std::vector<std::string>& changes) {
  return Config::parse(
      "[model]\ncell='leaky'\nhidden=5\n[loss]\nname='mse'\n[rule]\nname='tbptt'\nL=3\n[update]\nevery='trial'\n",
      "test", changes);
}

TEST(Record, GivesTheSameConfiguration) {
  for (const std::vector<std::string>& changes :
       {std::vector<std::string>{},
        {"task.name=add", "train.updates=7", "seed=12345678901234"},
        {"data.train=a \"b\".npz", "train.shuffle=true", "model.alpha=[0.5,0.25,1,0.125,0.1]"},
        {"loss.name=cross_entropy", "loss.class_weights=balanced"},
        {"loss.name=cross_entropy", "loss.class_weights=[0.5, 2]"},
        {"rule.name=rtrl", "model.density=from_zeros", "optimizer.lr=1e-300", "watch.rules=rtrl,snap(n=1)"},
        {"rule.name=dni", "model.cell=lstm", "model.freeze=[W_out]", "update.every=4", "threads=2"}}) {
    const Config before = config(changes), after = Config::from_record(before.resolved_json(), "r");
    EXPECT_EQ(after.resolved_json(), before.resolved_json());
    for (const OptionTable& table : option_tables())
      for (const auto& [key, value] : before.table(table.name).values()) {
        EXPECT_EQ(after.table(table.name).values().at(key), value) << key;
        EXPECT_EQ(after.table(table.name).given(key), before.table(table.name).given(key)) << key;
      }
    EXPECT_EQ(after.has("task"), before.has("task"));
    // It can be changed as any other.
    EXPECT_EQ(after.with({"seed=9"}).resolved_json(), before.with({"seed=9"}).resolved_json());
  }
}

std::string message(const std::string& record) {
  try {
    Config::from_record(record, "r.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "(none)";
}

TEST(Record, OfSomethingElseIsRefused) {
  EXPECT_THAT(message(""), HasSubstr("[r.json] is no record"));
  EXPECT_THAT(message("{\"given\": 3"), HasSubstr("is no record"));
  EXPECT_THAT(message("[1]"), HasSubstr("is no record"));
  EXPECT_THAT(message("{}"), HasSubstr("no list `given`"));
  EXPECT_THAT(message("{\"given\": [\"model.cell\"]}"), HasSubstr("lists model.cell as given, but has no value"));
  EXPECT_THAT(message("{\"given\": [7]}"), HasSubstr("no value"));
  EXPECT_THAT(message("{\"given\": [\"seed\"], \"seed\": null}"), HasSubstr("got null"));
  EXPECT_THAT(message("{\"given\": [\"seed\"], \"seed\": [[1]]}"), HasSubstr("got [[1]]"));
  // A record of a newer version with a key that this one does not know.
  std::string newer = config({}).resolved_json();
  newer.replace(newer.find("\"hidden\""), 8, "\"hiden\"");
  newer.replace(newer.find("model.hidden"), 12, "model.hiden");
  EXPECT_THAT(message(newer), HasSubstr("did you mean model.hidden?"));
}

TEST(Record, DifferencesAreNamed) {
  const auto difference = [](const std::string& before, const std::string& now) -> std::string {
    static constexpr const char* except[] = {"a.free"};
    try {
      require_same_record("w", before, now, "Hint.", except);
    } catch (const Error& error) {
      return error.what();
    }
    return "(none)";
  };
  EXPECT_EQ(difference(R"({"s":1,"a":{"x":[1,2]}})", R"({"a":{"x":[1,2]},"s":1})"), "(none)");
  EXPECT_EQ(difference(R"({"a":{"x":1}})", R"({"a":{"x":2}})"), "[w] got a.x = 2, the run was begun with 1. Hint.");
  EXPECT_EQ(difference(R"({"a":{"x":1}})", R"({"a":{}})"), "[w] got a.x = nothing, the run was begun with 1. Hint.");
  EXPECT_EQ(difference(R"({})", R"({"s":"t"})"), "[w] got s = \"t\", the run was begun with nothing. Hint.");
  EXPECT_EQ(difference(R"({"a":{"x":null}})", R"({"a":{}})"), "(none)");
  EXPECT_EQ(difference(R"({"a":{"free":1},"given":[1]})", R"({"a":{"free":2},"given":[]})"), "(none)");
}

}  // namespace
}  // namespace chronograd
