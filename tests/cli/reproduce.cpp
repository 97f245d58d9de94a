// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/run_program.hpp"
#include "cli/small_experiment.hpp"
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A study of the small experiment, with one claim that the test loss is below `bound`, as a word for the shell.
std::string study(const Folder& folder, const std::string& bound) {
  write_experiment(folder);
  std::ofstream(folder / "study.toml")
      << "title = 'learns'\ntext = 'A small network learns.'\ncite = ['marschall2020unified']\nexperiment = "
         "'small.toml'\nseeds = '0..2'\n[full]\nseeds = '0..5'\n[[runs]]\nname = 'online'\nrules = ['rflo', "
         "'readout_only']\nshow = ['loss', 'b_y[0]']\n"
      << (bound.empty() ? ""
                        : "[[claims]]\ntext = 'it learns'\norigin = 'this test'\nruns = 'online'\nmeasure = "
                          "'loss'\nrules = ['rflo']\nbelow = " +
                              bound + "\n");
  return "reproduce '" + (folder / "study.toml").string() + "' ";
}

TEST(Reproduce, ExitCodeIsTheVerdict) {
  const Folder folder;
  const Outcome holds = chronograd_run(study(folder, "10"));
  EXPECT_THAT(holds, ExitsWith(0));
  EXPECT_THAT(holds.out, AllOf(HasSubstr("study: learns"), HasSubstr("online, 3 seeds: median"), HasSubstr("b_y[0]"),
                               HasSubstr("PASS it learns"), HasSubstr("asked for less than 10"),
                               HasSubstr("from: this test"), HasSubstr("all 1 claims hold")));
  const Outcome fails = chronograd_run(study(folder, "0.001"));
  EXPECT_THAT(fails, ExitsWith(1));
  EXPECT_THAT(fails.out, AllOf(HasSubstr("FAIL it learns"), HasSubstr("1 of 1 claims fail"), Not(HasSubstr("PASS"))));
  const Outcome reported = chronograd_run(study(folder, ""));
  EXPECT_THAT(reported, ExitsWith(0));
  EXPECT_THAT(reported.out, HasSubstr("reported, without a verdict"));
}

TEST(Reproduce, TheSameSeedsGiveTheSameText) {
  const Folder folder;
  const std::string command = study(folder, "10");
  EXPECT_EQ(chronograd_run(command + "--jobs 1").out, chronograd_run(command + "--jobs 3").out);
}

TEST(Reproduce, ACarriedStudyRunsInShort) {
  const Outcome got =
      chronograd_run("reproduce trace_conditioning train.steps=500 train.test_steps=500 --seeds 0 --jobs 1");
  EXPECT_THAT(got, ExitsWith(0));
  EXPECT_THAT(got.out, AllOf(HasSubstr("outcomes 20 to 26 steps later, 1 seed"), HasSubstr("all that was seen"),
                             HasSubstr("reported, without a verdict")));
}

TEST(Reproduce, JsonHasEveryRun) {
  const Folder folder;
  const Outcome got = chronograd_run(study(folder, "10") + "--json --full train.updates=50");
  ASSERT_THAT(got, ExitsWith(0));
  const json result = json::parse(got.out);
  EXPECT_EQ(result["name"], "study");
  EXPECT_EQ(result["full"], true);
  EXPECT_EQ(result["passed"], true);
  ASSERT_EQ(result["runs"].size(), 1U);
  EXPECT_EQ(result["runs"][0]["seeds"].size(), 6U);
  EXPECT_EQ(result["runs"][0]["set"], json({"train.updates=50"}));
  ASSERT_EQ(result["runs"][0]["rules"].size(), 2U);
  const json& rflo = result["runs"][0]["rules"][0];
  EXPECT_EQ(rflo["rule"], "rflo");
  ASSERT_EQ(rflo["runs"].size(), 6U);
  for (std::size_t seed = 0; seed < 6; ++seed) {
    EXPECT_EQ(rflo["runs"][seed]["updates"], 50);
    EXPECT_EQ(rflo["runs"][seed]["test"]["loss"], rflo["measures"]["loss"][seed]);
  }
  EXPECT_EQ(result["claims"][0]["holds"], true);
  const Outcome one = chronograd_run(study(folder, "10") + "--json --seeds 7");
  EXPECT_EQ(json::parse(one.out)["runs"][0]["seeds"], json({7}));
}

/// Interrupted at its first group of runs, and gone on with: the verdict is that of a study that was left alone.
TEST(Reproduce, GoesOnWhereItWasStopped) {
  const Folder folder;
  std::string updates, command;
  int code = 0;
  for (int attempt = 0; attempt < most_attempts && code == 0; ++attempt) {
    updates = "train.updates=" + std::to_string(updates_of(attempt));
    command = study(folder, "10") + updates + " --jobs 2 --json" + out(folder, "kept");
    std::filesystem::remove_all(folder / "kept");
    Process stopped(command);
    ASSERT_TRUE(stopped.comes_to([&] { return std::filesystem::exists(folder / "kept" / "online"); }));
    stopped.send(SIGINT);
    code = stopped.wait();
  }
  ASSERT_EQ(code, 130);
  const json whole = json::parse(chronograd_run(study(folder, "10") + updates + " --json").out);
  EXPECT_FALSE(std::filesystem::exists(folder / "kept" / "verdict.json"));
  EXPECT_THAT(chronograd_run(command), ExitsWith(4));  // only with --resume
  const Outcome resumed = chronograd_run(command + " --resume");
  ASSERT_THAT(resumed, ExitsWith(0));
  EXPECT_EQ(read_text(folder / "kept" / "verdict.json"), resumed.out);
  const json result = json::parse(resumed.out);
  EXPECT_EQ(result["claims"], whole["claims"]);
  for (std::size_t rule = 0; rule < 2; ++rule)
    EXPECT_EQ(result["runs"][0]["rules"][rule]["measures"], whole["runs"][0]["rules"][rule]["measures"]);
  EXPECT_EQ(chronograd_run(command + " --resume").out, resumed.out);  // all is read
  EXPECT_THAT(chronograd_run(command + " --resume --seeds 0,1"), ExitsWith(2));
  EXPECT_THAT(chronograd_run(study(folder, "10") + "--resume"), ExitsWith(2));
}

TEST(Reproduce, ListsWhatTheProgramCarries) {
  EXPECT_EQ(chronograd_run("reproduce --list --quiet").out,
            "bp_lambda_toy\ncopy\ndecoupled_depth\ndecoupled_lag\ndecoupled_local\ndecoupled_stability\ndigits\ndni_"
            "copy\nevidence_accumulation\nfront\ninfluence_balancing\nkernl_adding\nkeywords\n"
            "line_drawing\n"
            "marschall_add\nmarschall_mimic\nnest_classification\nnest_regression\nown_rule\nown_rule_parts\npattern_"
            "generation\nperiodic\n"
            "rflo_low_rank\nshort_windows\nstore_recall\nstring_memorisation\ntrace_conditioning\n");
  EXPECT_EQ(json::parse(chronograd_run("reproduce --list --json").out)[0]["cite"], json({"pemberton2024bp"}));
}

TEST(Reproduce, TunesRulesAndJudgesAFront) {
  const Folder folder;
  write_experiment(folder);
  std::ofstream(folder / "study.toml")
      << "title = 't'\ntext = 'x'\ncite = ['marschall2020unified']\nexperiment = 'small.toml'\nseeds = '0..2'\n"
         "[tune]\nseeds = '9'\naxes = ['optimizer.lr=1e-9,0.05']\n[front]\ncandidates = ['rtrl']\nbeside = "
         "'rflo'\nneeds = 1\n[[runs]]\nname = 'online'\nrules = ['rflo', 'rtrl']\n";
  const std::string command = "reproduce '" + (folder / "study.toml").string() + "' ";
  const Outcome got = chronograd_run(command + out(folder, "kept"));
  ASSERT_THAT(got, ExitsWith(0));
  EXPECT_THAT(got.out, AllOf(HasSubstr("rflo(optimizer.lr=0.05)"), HasSubstr("CPU us/step"),
                             HasSubstr("beat the front: "), HasSubstr("of 1 tasks, asked for 1")));
  EXPECT_TRUE(std::filesystem::exists(folder / "kept" / "online_tuning" / "comparison.json"));
  const json result = json::parse(chronograd_run(command + "--json").out);
  EXPECT_EQ(result["front"][0]["candidate"], "rtrl");
  EXPECT_EQ(result["front"][0]["tasks"][0]["runs"], "online");
  EXPECT_GT(result["runs"][0]["rules"][1]["us_per_step_cpu"], 0);
}

/// A long study in parts: each group of runs by itself, and at last the verdict of all of them.
TEST(Reproduce, RunsSomeGroupsAndThenJudgesAll) {
  const Folder folder;
  write_experiment(folder);
  std::ofstream(folder / "study.toml")
      << "title = 't'\ntext = 'x'\ncite = ['marschall2020unified']\nexperiment = 'small.toml'\nseeds = '0..1'\nrules "
         "= ['rflo', 'rtrl']\n[tune]\nseeds = '9'\naxes = ['optimizer.lr=1e-9,0.05']\n[front]\ncandidates = "
         "['rtrl']\nbeside = 'rflo'\nneeds = 1\n[[runs]]\nname = 'first'\n[[runs]]\nname = 'second, later'\nset = "
         "['model.alpha=0.5']\n";
  const std::string command = "reproduce '" + (folder / "study.toml").string() + "' ";
  const Outcome part = chronograd_run(command + "--only \"'second, later'\"" + out(folder, "kept"));
  ASSERT_THAT(part, ExitsWith(0));
  EXPECT_THAT(part.out, AllOf(HasSubstr("second, later, 2 seeds"), Not(HasSubstr("first, ")), Not(HasSubstr("front")),
                              HasSubstr("reported, without a verdict")));
  EXPECT_FALSE(std::filesystem::exists(folder / "kept" / "first"));
  EXPECT_FALSE(std::filesystem::exists(folder / "kept" / "verdict.json"));
  ASSERT_THAT(chronograd_run(command + "--only first --quiet" + out(folder, "kept")), ExitsWith(0));
  const Outcome all = chronograd_run(command + "--resume --json" + out(folder, "kept"));
  ASSERT_THAT(all, ExitsWith(0));
  EXPECT_EQ(read_text(folder / "kept" / "verdict.json"), all.out);
  const json resumed = json::parse(all.out), whole = json::parse(chronograd_run(command + "--json").out);
  ASSERT_EQ(resumed["front"][0]["tasks"].size(), 2U);
  for (std::size_t group = 0; group < 2; ++group)
    for (std::size_t rule = 0; rule < 2; ++rule)
      EXPECT_EQ(resumed["runs"][group]["rules"][rule]["measures"], whole["runs"][group]["rules"][rule]["measures"]);
  const Outcome unknown = chronograd_run(command + "--only third");
  EXPECT_THAT(unknown, ExitsWith(2));
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("[--only]"), HasSubstr("first, second")));
}

TEST(Reproduce, RefusesWhatItCannotDo) {
  EXPECT_THAT(chronograd_run("reproduce"), ExitsWith(2));
  const Outcome unknown = chronograd_run("reproduce influence");
  EXPECT_THAT(unknown, ExitsWith(2));
  EXPECT_THAT(unknown.err, HasSubstr("influence_balancing"));
  EXPECT_THAT(chronograd_run("reproduce none.toml"), ExitsWith(4));
  const Folder folder;
  EXPECT_THAT(chronograd_run(study(folder, "10") + "train.update=3"), ExitsWith(2));
  EXPECT_THAT(chronograd_run(study(folder, "'10'")), ExitsWith(2));
}

}  // namespace
}  // namespace chronograd
