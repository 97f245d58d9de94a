// SPDX-License-Identifier: Apache-2.0
// rule.name = "auto": what it sets, what stands beside it, and what the record says of it.
#include "config/presets.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/config.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

Config config_of(const std::vector<std::string>& words) {
  return Config::parse("[model]\ncell = \"gru\"\nhidden = 32\n[loss]\nname = \"mse\"\n[rule]\nname = \"auto\"\n",
                       "test", words);
}

std::string preset_in(const Config& config) {
  return config.table("rule").word("preset");
}

TEST(Presets, auto_is_what_it_says) {
  const Config config = config_of({});
  EXPECT_EQ(config.table("rule").word("name"), "snap");
  EXPECT_EQ(config.table("rule").integer("reach"), 16);
  EXPECT_EQ(config.table("rule").word("reach_by"), "interval");
  EXPECT_EQ(config.table("rule").number("whiten"), 0.1);
  EXPECT_EQ(config.table("update").integer("every"), 4);
  EXPECT_EQ(config.table("optimizer").word("name"), "row");
  EXPECT_EQ(config.table("optimizer").number("lr"), 0.006 * 2);
  EXPECT_EQ(config.table("optimizer").integer("window"), 1000 / 4);
  EXPECT_EQ(config.table("train").number("average"), 0.1);
  EXPECT_EQ(preset_in(config), "auto");
}

TEST(Presets, auto_of_many_units_hops_over_more_steps) {
  const Config config = config_of({"model.hidden=64"});
  EXPECT_EQ(config.table("update").integer("every"), 8);
  EXPECT_EQ(config.table("rule").integer("reach"), 16);
  EXPECT_NEAR(config.table("optimizer").number("lr"), 0.006 * std::sqrt(8.0), 1e-17);
  EXPECT_EQ(config.table("optimizer").integer("horizon"), 3000 / 8);
  EXPECT_EQ(preset_in(config), "auto");
}

TEST(Presets, a_setting_of_the_user_stands_and_is_told) {
  EXPECT_EQ(config_of({"optimizer.lr=0.1"}).table("optimizer").number("lr"), 0.1);
  EXPECT_EQ(preset_in(config_of({"optimizer.lr=0.1"})), "auto but for optimizer.lr");
  EXPECT_EQ(preset_in(config_of({"optimizer.lr=0.1", "update.every=2"})), "auto but for update.every, optimizer.lr");
  EXPECT_EQ(preset_in(config_of({"optimizer.lr=0.012"})), "auto") << "the same number";
  EXPECT_EQ(preset_in(config_of({"optimizer.l2=0.1"})), "auto") << "a setting that it does not set";
  const Config adam = config_of({"optimizer.name=adam"});
  EXPECT_EQ(adam.table("optimizer").number("lr"), 0.001) << "adam's own";
  EXPECT_THAT(preset_in(adam), testing::StartsWith("auto but for optimizer.name, optimizer.lr"));
}

TEST(Presets, a_record_reads_back_as_it_was) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"optimizer.lr=0.1"}, {"model.hidden=100"}, {"optimizer.name=adam"}}) {
    const Config config = config_of(words);
    const Config back = Config::from_record(config.resolved_json(), "record");
    EXPECT_EQ(back.resolved_json(), config.resolved_json());
  }
}

TEST(Presets, another_rule_leaves_it) {
  const Config config = config_of({}).with({"rule.name=rtrl"});
  EXPECT_EQ(config.table("rule").word("name"), "rtrl");
  EXPECT_FALSE(config.table("rule").has("preset"));
  EXPECT_EQ(config.table("optimizer").word("name"), "sgd");
  // Beside the preset, as where rules are watched: what it sets of other tables stays.
  const Config beside = config_of({}).with_method("rtrl(block=1)");
  EXPECT_EQ(beside.table("rule").word("name"), "rtrl");
  EXPECT_EQ(beside.table("rule").integer("reach"), 0);
  EXPECT_EQ(beside.table("update").integer("every"), 4);
  EXPECT_EQ(preset_in(config.with_method("auto")), "auto");
}

TEST(Presets, an_unknown_one_is_refused) {
  EXPECT_THROW(config_of({}).with({"rule.name=rtrl", "rule.preset=fast"}), Error);
}

/// Every value is one that its setting may have: the check of a configuration says so, and every setting is set.
TEST(Presets, set_all_that_they_list) {
  for (const Preset& preset : presets())
    for (const char* units : {"model.hidden=3", "model.hidden=64"}) {
      const Config config = config_of({units, "rule.name=" + std::string(preset.name)});
      for (const PresetSetting& setting : preset.settings)
        EXPECT_TRUE(config.table(setting.table).has(setting.key)) << setting.table << "." << setting.key;
      EXPECT_EQ(preset_in(config), preset.name);
    }
}

}  // namespace
}  // namespace chronograd
