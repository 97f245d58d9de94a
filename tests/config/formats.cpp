// SPDX-License-Identifier: Apache-2.0
// The format of the user's files, which their names imply.
#include <gmock/gmock.h>

#include "chronograd/config.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

const std::string text =
    "[model]\ncell = \"leaky\"\nhidden = 4\n"
    "[loss]\nname = \"mse\"\n"
    "[rule]\nname = \"tbptt\"\n";

Config config(const std::vector<std::string>& overrides = {}) {
  return Config::parse(text, "exp.toml", overrides);
}

TEST(ConfigFormats, TheEndingOfAFileImpliesItsFormat) {
  const Config c = config();
  const auto format = [](const Config& one) { return one.table("data").word("format"); };
  EXPECT_EQ(format(c.with({"data.train=a.npz"})), "npz");
  EXPECT_EQ(format(c.with({"data.train=folder/a.csv"})), "csv");
  EXPECT_EQ(format(c.with({"data.train=a.csv.gz"})), "csv");
  EXPECT_EQ(format(c.with({"data.train=data:births"})), "csv");
  EXPECT_EQ(format(c.with({"data.train=FOLDER.txt/A.Csv.GZ"})), "csv");
  EXPECT_EQ(format(c.with({"data.train=.csv"})), "npz") << "no ending but a name";
  EXPECT_EQ(format(c.with({"data.train=folder.csv/name"})), "npz");
  EXPECT_EQ(format(c.with({"data.train=a.dat", "data.format=csv"})), "csv");
  EXPECT_FALSE(c.with({"data.train=a.csv"}).table("data").given("format"));
  EXPECT_THAT(c.with({"data.train=a.csv"}).resolved_json(), testing::HasSubstr("\"format\": \"csv\""));
  EXPECT_EQ(c.with({"data.train=a.csv", "data.window=7"}).table("data").integer("window"), 7);
  EXPECT_THROW(c.with({"data.train=a.npz", "data.window=7"}), Error) << "not an option of npz";
}

TEST(ConfigFormats, AnEndingOfNoFormatIsNamed) {
  const auto message = [](const std::string& file) {
    try {
      config({"data.train=" + file});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::usage);
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(message("b.csv/a.wav"),
              testing::StartsWith("[data.train] the ending \".wav\" is that of no format. Known: "));
  EXPECT_THAT(message("a.csv.wav.GZ"), testing::HasSubstr("the ending \".wav.GZ\" is"));
  EXPECT_THAT(message("a.npz.gz"), testing::HasSubstr("the ending \".npz.gz\" is"));
  EXPECT_THAT(message("a.wav"), testing::HasSubstr(".csv .csv.gz (csv)"));
  EXPECT_THAT(message("a.wav"), testing::HasSubstr("data.format"));
  try {
    Config::parse(text + "[data]\ntrain = 'x.wav'\n", "exp.toml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::ContainsRegex("exp.toml:[0-9]+:9 data.train"));
  }
  // A record from when such endings meant npz is read as it was meant.
  std::string record = config({"data.train=a.npz"}).resolved_json();
  record.replace(record.find("a.npz"), 5, "a.wav");
  EXPECT_EQ(Config::from_record(record, "r").table("data").word("format"), "npz");
}

TEST(ConfigFormats, AnotherFileOrTaskDropsWhatWasOfTheFirst) {
  const Config csv = config().with({"data.train=a.csv", "data.window=7"});
  EXPECT_FALSE(csv.has("task"));
  const Config npz = csv.with({"data.train=b.npz"});
  EXPECT_EQ(npz.table("data").word("format"), "npz");
  EXPECT_FALSE(npz.table("data").has("window"));
  EXPECT_EQ(csv.with({"data.train=b.csv"}).table("data").integer("window"), 7);
  const Config task = csv.with({"task.name=add"});
  EXPECT_TRUE(task.has("task"));
  EXPECT_FALSE(task.has("data"));
  EXPECT_TRUE(task.with({"data.train=a.csv"}).has("data"));
}

}  // namespace
}  // namespace chronograd
