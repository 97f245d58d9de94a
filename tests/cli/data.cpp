// SPDX-License-Identifier: Apache-2.0
// data as users run it: what there is, where it is kept, and what is said where it cannot be had.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/run_program.hpp"

namespace chronograd {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class DataVerb : public testing::Test {
 protected:
  DataVerb() {
    std::filesystem::create_directory(bin);
    std::ofstream(bin / "npm") << "#!/bin/sh\necho 'no network' >&2\nexit 1\n";
    std::filesystem::permissions(bin / "npm", std::filesystem::perms::owner_all);
  }
  /// With a place for data sets of its own, and an npm that reaches nothing.
  Outcome data(const std::string& words) const {
    return shell("XDG_CACHE_HOME='" + cache + "' PATH='" + bin.string() + "':$PATH " + program + " data " + words);
  }

  const Folder folder;
  const std::filesystem::path bin = folder / "bin";
  const std::string cache = (folder / "cache").string();
};

TEST_F(DataVerb, ListsWhatThereIs) {
  const Outcome listed = data("list --json");
  ASSERT_THAT(listed, ExitsWith(0));
  const json all = json::parse(listed.out);
  ASSERT_GT(all.size(), 3U);
  std::string names;
  for (const json& each : all) {
    names += each["name"].get<std::string>() + "\n";
    EXPECT_EQ(each["state"], "not here");
    EXPECT_THAT(each["path"].get<std::string>(), StartsWith(cache));
    EXPECT_EQ(each["sha256"].get<std::string>().size(), 64U);
    EXPECT_FALSE(each["licence"].get<std::string>().empty());
  }
  EXPECT_EQ(data("list --quiet").out, names);
  EXPECT_THAT(data("list").out, HasSubstr(all[0]["title"].get<std::string>()));
}

TEST_F(DataVerb, TellsAboutOneAndItsState) {
  const json births = json::parse(data("info births --json").out);
  EXPECT_THAT(data("info births").out,
              AllOf(HasSubstr(births["source"].get<std::string>()), HasSubstr(births["path"].get<std::string>()),
                    HasSubstr("state     not here\n")));
  const std::filesystem::path path = births["path"].get<std::string>();
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << "year\n";
  EXPECT_THAT(data("info births").out, HasSubstr("state     damaged\n"));
}

TEST_F(DataVerb, SaysWhatToDoWithoutANetwork) {
  const Outcome got = data("fetch births");
  EXPECT_THAT(got, ExitsWith(4));
  EXPECT_EQ(got.out, "");
  EXPECT_THAT(got.err, AllOf(StartsWith("note: getting npm "), HasSubstr("[data fetch births] npm failed"),
                             HasSubstr("no network"), HasSubstr("By hand: ")));
}

TEST_F(DataVerb, RefusesWhatItDoesNotKnow) {
  const std::pair<const char*, const char*> cases[] = {
      {"lst", "[chronograd data] unknown name \"lst\", did you mean list? Allowed: list, info, fetch."},
      {"list births", "[chronograd data] list takes no name"},
      {"info", "[chronograd data] info needs a name."},
      {"fetch birth", "[chronograd data] unknown name \"birth\", did you mean births? Allowed: "},
  };
  for (const auto& [words, text] : cases) {
    const Outcome got = data(words);
    EXPECT_THAT(got, ExitsWith(2)) << words;
    EXPECT_THAT(got.err, StartsWith(text)) << words;
  }
}

}  // namespace
}  // namespace chronograd
