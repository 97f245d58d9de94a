// SPDX-License-Identifier: Apache-2.0
// train without --out records in a folder of its own.
#include <nlohmann/json.hpp>

#include "run_program.hpp"
#include "small_experiment.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

std::vector<std::string> runs_in(const Folder& folder) {
  std::vector<std::string> names;
  if (std::filesystem::exists(folder / "runs"))
    for (const auto& entry : std::filesystem::directory_iterator(folder / "runs"))
      names.push_back(entry.path().filename().string());
  return names;
}

TEST(TrainWithoutOut, RecordsUnderDateAndName) {
  const Folder folder;
  const std::string words = "train " + experiment(folder, 20) + " --quiet ";
  ASSERT_THAT(run_in(folder, words), ExitsWith(0));
  ASSERT_EQ(runs_in(folder).size(), 1U);
  const std::string name = runs_in(folder)[0];
  EXPECT_THAT(name, MatchesRegex("20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]-[0-5][0-9]-[0-6][0-9]-small"));
  EXPECT_TRUE(std::filesystem::exists(folder / "runs" / name / "summary.json"));
  const Outcome loud = run_in(folder, "train " + experiment(folder, 20));
  EXPECT_THAT(loud.out, HasSubstr("; recorded in runs/20"));
  const Outcome json = run_in(folder, words + "--json");
  ASSERT_THAT(json, ExitsWith(0));
  const std::string said = nlohmann::json::parse(json.out)["folder"];
  EXPECT_TRUE(std::filesystem::exists(folder / said / "summary.json")) << said;
  EXPECT_EQ(runs_in(folder).size(), 3U);
  EXPECT_THAT(run_in(folder, words + "--resume --out '" + said + "'"), ExitsWith(0));
}

// Many begin in the same second: each has a folder of its own.
TEST(TrainWithoutOut, NeverSharesAFolder) {
  const Folder folder;
  const std::string one = program + " train " + experiment(folder, 20) + " --quiet & ";
  ASSERT_THAT(shell("cd '" + (folder / "").string() + "' && for i in 1 2 3 4 5 6; do " + one + " done; wait"),
              ExitsWith(0));
  const std::vector<std::string> names = runs_in(folder);
  EXPECT_EQ(names.size(), 6U);
  for (const std::string& name : names)
    EXPECT_TRUE(std::filesystem::exists(folder / "runs" / name / "summary.json")) << name;
}

TEST(TrainWithoutOut, LeavesNothingBehindWhatCannotRun) {
  const Folder folder;
  const std::string words = "train " + experiment(folder, 20) + " --quiet ";
  EXPECT_THAT(run_in(folder, words + "rule.name=bptt update.every=trial"), ExitsWith(2)) << "an endless stream";
  EXPECT_FALSE(std::filesystem::exists(folder / "runs"));
  const Outcome resumed = run_in(folder, words + "--resume");
  EXPECT_THAT(resumed, ExitsWith(2));
  EXPECT_THAT(resumed.err, HasSubstr("[--resume] got no --out"));
  EXPECT_FALSE(std::filesystem::exists(folder / "runs"));
  std::ofstream(folder / "runs") << "a file";
  const Outcome blocked = run_in(folder, words);
  EXPECT_THAT(blocked, ExitsWith(4));
  EXPECT_THAT(blocked.err, HasSubstr("--out FOLDER"));
}

}  // namespace
}  // namespace chronograd
