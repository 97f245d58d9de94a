// SPDX-License-Identifier: Apache-2.0
// Folders of runs that earlier versions wrote (tests/resume/kept/VERSION): every later one reads them, or refuses them
// by the name of what differs. A version that changes what a folder holds adds one of its own and keeps the old.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/run_program.hpp"

namespace chronograd {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

const std::filesystem::path kept = std::filesystem::path(CHRONOGRAD_TEST_DATA) / "resume" / "kept";

std::vector<std::string> versions() {
  std::vector<std::string> names;
  for (const auto& folder : std::filesystem::directory_iterator(kept)) names.push_back(folder.path().filename());
  return names;
}

class KeptRuns : public testing::TestWithParam<std::string> {
 protected:
  KeptRuns() {
    std::filesystem::copy(kept / GetParam(), folder_ / "kept", std::filesystem::copy_options::recursive);
    for (const auto& file : std::filesystem::directory_iterator(folder_ / "kept/stopped/checkpoint"))
      update_ = file.path().stem().string().substr(std::string("update-").size());
  }
  Outcome in(const std::string& words) const { return run_in(folder_, words); }

  Folder folder_;
  std::string update_;  ///< of the checkpoint of the stopped run
};

TEST_P(KeptRuns, AreJudgedAsTheyWere) {
  const Outcome got = in("eval kept/done --json");
  ASSERT_THAT(got, ExitsWith(0)) << got.err;
  const json then = json::parse(read_text(folder_ / "kept/done/summary.json"));
  EXPECT_NEAR(json::parse(got.out).at("loss").get<double>(), then.at("test").at("loss").get<double>(), 1e-5);
}

TEST_P(KeptRuns, HaveAPage) {
  ASSERT_THAT(in("report kept/done kept/stopped -o page.html"), ExitsWith(0));
  EXPECT_THAT(read_text(folder_ / "page.html"), HasSubstr("rtrl"));
}

TEST_P(KeptRuns, GoOnOrSayWhatDiffers) {
  const Outcome got =
      in("train kept/c.toml train.updates=3000000 train.report_every=1000000 --out kept/stopped --resume");
  if (got.code == 0) {
    EXPECT_THAT(got.err, HasSubstr("the run goes on after update " + update_));
    EXPECT_EQ(json::parse(read_text(folder_ / "kept/stopped/summary.json")).at("updates"), 3000000);
  } else {
    EXPECT_THAT(got.code, AnyOf(2, 4)) << got.err;  // another program; a file of another format
    EXPECT_THAT(got.err, AnyOf(HasSubstr("version"), HasSubstr("compiler"), HasSubstr("instruction_set"),
                               HasSubstr("products"), HasSubstr("assertions"), HasSubstr("readout.average"),
                               HasSubstr("rule.influence"), HasSubstr("rule.reach"), HasSubstr("watch.credit")));
  }
}

TEST_P(KeptRuns, GiveTheirParametersToOtherRuns) {
  ASSERT_THAT(in("train kept/c.toml --params kept/done/params.npz --out more --quiet"), ExitsWith(0));
}

std::string word_of(const testing::TestParamInfo<std::string>& version) {
  std::string name = "version_" + version.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Of, KeptRuns, testing::ValuesIn(versions()), word_of);

}  // namespace
}  // namespace chronograd
