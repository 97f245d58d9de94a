// SPDX-License-Identifier: Apache-2.0
// compare as users run it: what it records, rates from a sweep, exit codes.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/run_program.hpp"
#include "cli/small_experiment.hpp"
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(CompareVerb, RecordsRunsAndTakesRatesFromASweep) {
  const Folder folder;
  const std::string config = experiment(folder);
  ASSERT_THAT(chronograd_run("sweep " + config + " rule.name=rflo,uoro optimizer.lr=0.01,0.1" + out(folder, "s")),
              ExitsWith(0));
  const Outcome got = chronograd_run("compare " + config + " --seeds 5,6 --rates-from '" + (folder / "s").string() +
                                     "'" + out(folder, "c") + " --json --quiet");
  EXPECT_THAT(got, ExitsWith(0));
  const json comparison = json::parse(got.out);
  EXPECT_EQ(comparison, json::parse(read_text(folder / "c/comparison.json")));
  ASSERT_EQ(comparison["rules"].size(), 2U);
  EXPECT_THAT(comparison["rules"][0]["rule"], StartsWith("rflo(optimizer.lr="));
  for (const json& rule : comparison["rules"]) {
    EXPECT_GT(rule["us_per_step"], 0);
    for (const json& run : rule["runs"]) {
      const std::string directory = run["directory"];
      const json resolved = json::parse(read_text(folder / ("c/" + directory + "/resolved.json")));
      EXPECT_EQ(resolved["seed"], run["seed"]);
      EXPECT_EQ(rule["rule"].get<std::string>(), resolved["rule"]["name"].get<std::string>() +
                                                     "(optimizer.lr=" + resolved["optimizer"]["lr"].dump() + ")");
      EXPECT_EQ(json::parse(read_text(folder / ("c/" + directory + "/summary.json")))["test"], run["test"]);
    }
    EXPECT_TRUE(std::filesystem::exists(folder / ("c/" + rule["watched"].get<std::string>() + "/metrics.jsonl")));
  }
  const Outcome again = chronograd_run("compare " + config + " --rules rflo" + out(folder, "c"));
  EXPECT_THAT(again, ExitsWith(4));
  EXPECT_EQ(again.err,
            "[" + (folder / "c").string() +
                "] this folder holds a comparison already. --resume goes on with it; else give another --out.\n");
}

TEST(CompareVerb, ResultsDoNotDependOnJobs) {
  const Folder folder;
  const std::string start = "compare " + experiment(folder) + " --rules rflo,uoro --seeds 0..2 --json --quiet --jobs ";
  json one = json::parse(chronograd_run(start + "1").out), three = json::parse(chronograd_run(start + "3").out);
  EXPECT_EQ(one["jobs"], 1);
  EXPECT_EQ(three["jobs"], 3);
  for (json* comparison : {&one, &three})
    for (json& rule : (*comparison)["rules"]) {
      for (const char* key : {"us_per_step", "us_per_step_cpu"}) rule.erase(key);
      for (json& run : rule["runs"])
        for (const char* key : {"us_per_step", "us_per_step_cpu", "seconds", "cpu_seconds"}) run.erase(key);
    }
  EXPECT_EQ(one["rules"], three["rules"]);
}

TEST(CompareVerb, TimesRulesWithoutThoseWatchedBesideThem) {
  const Folder folder;
  const std::string start = "compare " + experiment(folder, 300) + " --rules readout_only --seeds 0 --json --quiet" +
                            " model.hidden=64 \"watch.rules=['rtrl']\" --jobs ";
  for (const char* jobs : {"1", "2"}) {
    const Outcome got = chronograd_run(start + jobs);
    ASSERT_THAT(got, ExitsWith(0));
    const json rule = json::parse(got.out)["rules"][0];
    // Of the time on the processor: time that passes is also that of what else the machine does.
    EXPECT_LT(3 * rule["us_per_step_cpu"].get<double>(), rule["runs"][0]["us_per_step_cpu"].get<double>());
  }
}

TEST(CompareVerb, SaysWhichRulesAreNotExactHere) {
  const Folder folder;
  const std::string start = "compare " + experiment(folder, 10) + " rule.feedback=random --json --quiet --rules ";
  const json random = json::parse(chronograd_run(start + "rflo,rtrl").out);
  EXPECT_THAT(random["warnings"][0], StartsWith("All rules share one learning rate, optimizer.lr = 0.05, "));
  EXPECT_THAT(random["warnings"][1], StartsWith("rtrl follows the gradient of the loss with symmetric feedback alone"));
  EXPECT_EQ(json::parse(chronograd_run(start + "'rflo,rtrl(feedback=symmetric)'").out)["warnings"].size(), 1U);
}

TEST(CompareVerb, AnInterruptedOneHasWhatWasFinished) {
  const Folder folder;
  // The first rule's runs are short, the others have no end.
  Process process("compare " + experiment(folder, 1000000000) + " --rules 'rflo(train.updates=300),uoro,rtrl'" +
                  " --seeds 0..9 --jobs 2 --json --quiet" + out(folder, "c"));
  const auto first = folder / "c/runs/0000_rflo_train.updates_300_seed0/summary.json";
  ASSERT_TRUE(process.comes_to([&] { return std::filesystem::exists(first); }));
  process.send(SIGINT);
  ASSERT_EQ(process.wait(), 130);
  const json comparison = json::parse(read_text(folder / "c/comparison.json"));
  EXPECT_EQ(comparison["stopped"], true);
  int stopped = 0;
  for (const json& rule : comparison["rules"])
    for (const json& run : rule["runs"]) {
      stopped += run["status"] == "stopped";
      EXPECT_TRUE(run["status"] == "stopped" || run["test"]["loss"].is_number());
    }
  EXPECT_GT(stopped, 0);
  EXPECT_TRUE(comparison["rules"][0]["loss"].is_number());
  EXPECT_EQ(comparison["rules"][2]["loss"], nullptr);
}

TEST(CompareVerb, MistakesShowBeforeAnythingRuns) {
  const Folder folder;
  const Outcome got = chronograd_run("compare " + experiment(folder) + " --rules rflo,bptt" + out(folder, "c"));
  EXPECT_THAT(got, ExitsWith(2));
  EXPECT_EQ(
      got.err,
      "[rule bptt] [update.every] got an endless stream with the rule bptt, which goes back from the end of a row, "
      "allowed are tasks with rows. tbptt takes any stream.\n");
  EXPECT_FALSE(std::filesystem::exists(folder / "c"));
  const Outcome wild = chronograd_run("compare " + experiment(folder) +
                                      " model.activation=relu model.gain=5 optimizer.lr=1e30 --rules rflo --seeds 0,1");
  EXPECT_THAT(wild, ExitsWith(3));
  EXPECT_THAT(wild.out, HasSubstr("2 of 2 diverged"));
}

}  // namespace
}  // namespace chronograd
