// SPDX-License-Identifier: Apache-2.0
// Settings in code, and defaults that are read without TOML.
#include <gmock/gmock.h>

#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "config/check_value.hpp"
#include "config/entries.hpp"
#include "config/plain_value.hpp"
#include "config/toml.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;
using Given = std::map<std::string, Value>;

const Given small = {{"model.cell", "gru"}, {"model.hidden", 16}, {"loss.name", "mse"}, {"rule.name", "rflo"}};

std::string refusal(Given settings) {
  settings.insert(small.begin(), small.end());
  try {
    Config::of(settings);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    return error.what();
  }
  return "";
}

TEST(ConfigInCode, has_what_was_given_and_defaults) {
  Given settings = small;
  settings.insert({{"seed", 3}, {"optimizer.lr", 0.5}, {"model.freeze", std::vector<std::string>{"W_out"}}});
  const Config config = Config::of(settings);
  EXPECT_EQ(config.table("").integer("seed"), 3);
  EXPECT_EQ(config.table("optimizer").number("lr"), 0.5);
  EXPECT_EQ(config.table("optimizer").word("name"), "sgd");
  EXPECT_TRUE(config.table("optimizer").given("lr"));
  EXPECT_FALSE(config.table("optimizer").given("name"));
  EXPECT_EQ(config.text(),
            "seed = 3\n\n[loss]\nname = \"mse\"\n\n[model]\ncell = \"gru\"\nfreeze = [\"W_out\"]\nhidden = 16\n"
            "\n[optimizer]\nlr = 0.5\n\n[rule]\nname = \"rflo\"\n");
  EXPECT_EQ(Config::of(small).with({"seed=4"}).table("").integer("seed"), 4);
}

TEST(ConfigInCode, is_checked_like_a_file) {
  EXPECT_EQ(refusal({}), "");
  EXPECT_THAT(refusal({{"optimizer.learning_rate", 0.1}}),
              HasSubstr("[optimizer.learning_rate] unknown key, did you mean optimizer.lr?"));
  EXPECT_THAT(refusal({{"modell.hidden", 3}}), HasSubstr("unknown table, did you mean model?"));
  EXPECT_THAT(refusal({{"seed", 0.5}}), HasSubstr("[seed] got 0.5, allowed is a whole number >= 0."));
  EXPECT_THAT(refusal({{"optimizer.lr", -1}}), HasSubstr("[optimizer.lr] got -1, allowed is a number >= 0."));
  EXPECT_THAT(refusal({{"loss.normalize", "means"}}), HasSubstr("Did you mean mean?"));
  EXPECT_THAT(refusal({{"watch.rules", std::vector<std::string>{"rtrl"}}}), HasSubstr("Config::with"));
  EXPECT_THROW(Config::of({}), Error);
}

/// Defaults mean what TOML says that they mean.
TEST(Defaults, are_read_as_toml_reads_them) {
  int seen = 0;
  const auto compare = [&seen](std::span<const Option> options) {
    for (const Option& option : options) {
      if (*option.fallback == '\0') continue;
      const Raw plain = plain_value(option.fallback), toml = parse_value(option.fallback);
      EXPECT_EQ(plain.kind, toml.kind) << option.key;
      EXPECT_EQ(plain.scalar, toml.scalar) << option.key;
      EXPECT_EQ(plain.list, toml.list) << option.key;
      EXPECT_NO_THROW(default_value(option)) << option.key;
      ++seen;
    }
  };
  for (const OptionTable& table : option_tables()) compare(table.options);
  for (const EntryKey& key : entry_keys())
    for (const Entry* entry : key.entries()) compare(entry->options);
  EXPECT_GT(seen, 80);
  for (const char* text : {"true", "-3", "1e-3", "0.5", "\"a b\"", "[]", "[1, 2.5]", "[\"a\", \"b\"]", "word"}) {
    EXPECT_EQ(plain_value(text).scalar, parse_value(text).scalar) << text;
    EXPECT_EQ(plain_value(text).list, parse_value(text).list) << text;
  }
}

}  // namespace
}  // namespace chronograd
