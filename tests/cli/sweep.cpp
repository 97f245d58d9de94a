// SPDX-License-Identifier: Apache-2.0
// sweep as users run it: what it prints, exit codes, killed and resumed sweeps.
#include <gmock/gmock.h>

#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/run_program.hpp"
#include "cli/small_experiment.hpp"
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::filesystem::path> runs_in(const std::filesystem::path& sweep) {
  std::vector<std::filesystem::path> runs;
  std::error_code none;  // it has not begun
  for (const auto& entry : std::filesystem::directory_iterator(sweep / "runs", none)) runs.push_back(entry.path());
  return runs;
}

const std::string axes = " rule.name=rflo,uoro 'optimizer.lr=log(0.01,1,3)' --seeds 0,1";

TEST(SweepVerb, PrintsTheBestAndTheMap) {
  const Folder folder;
  const Outcome got = chronograd_run("sweep " + experiment(folder) + axes + out(folder, "s"));
  EXPECT_THAT(got, ExitsWith(0));
  EXPECT_THAT(got.out, StartsWith("best of rule  optimizer.lr  loss"));
  EXPECT_THAT(got.out, HasSubstr("\nmean loss by optimizer.lr (* best of its rule)\noptimizer.lr  0.01"));
  EXPECT_THAT(got.out, HasSubstr("\n12 jobs: 12 done, 0 diverged, 0 failed, 0 not run\n"));
  EXPECT_THAT(got.err, HasSubstr("[12/12] "));
  // The same again from the folder alone, as JSON.
  const Outcome again = chronograd_run("sweep --resume --json --quiet" + out(folder, "s"));
  EXPECT_THAT(again, ExitsWith(0));
  EXPECT_EQ(again.err, "");
  const json summary = json::parse(again.out);
  EXPECT_EQ(summary["done"], 12);
  EXPECT_EQ(summary["rows"].size(), 6U);
  EXPECT_EQ(summary["rows"][5]["values"]["optimizer.lr"], "1");
}

TEST(SweepVerb, UsageErrorsLeaveNothing) {
  const Folder folder;
  const std::string start = "sweep " + experiment(folder) + out(folder, "s");
  const std::pair<std::string, std::string> cases[] = {
      {" --shard 0/4", "[--shard] got \"0/4\", allowed is i/n with 1 <= i <= n, or slurm. Example: --shard 1/4.\n"},
      {" --shard 5/4", "[--shard] got \"5/4\", allowed is i/n with 1 <= i <= n, or slurm. Example: --shard 1/4.\n"},
      {" --shard 1", "[--shard] got \"1\", allowed is i/n with 1 <= i <= n, or slurm. Example: --shard 1/4.\n"},
      {" --shard 1/2x", "[--shard] got \"1/2x\", allowed is i/n with 1 <= i <= n, or slurm. Example: --shard 1/4.\n"},
      {" --seeds 3..1", "[--seeds] got \"3..1\", allowed is a range 0..4 or a list 0,3,7. A range goes upwards.\n"},
      {" --samples 3", "[--samples] got 3, but no axis is drawn. Example: optimizer.lr=loguniform(1e-4,1e-1).\n"},
      {" optimizer.lr=1,2 rule.name=rflo,rtlr",
       "[optimizer.lr=1, rule.name=rtlr] [rtlr rule.name] unknown name \"rtlr\", did you mean rtrl? Allowed: "},
      {" --resum", "[chronograd sweep] unknown argument --resum, did you mean --resume?"},
  };
  for (const auto& [arguments, text] : cases) {
    const Outcome got = chronograd_run(start + arguments);
    EXPECT_THAT(got, ExitsWith(2)) << arguments;
    EXPECT_EQ(got.out, "") << arguments;
    EXPECT_THAT(got.err, StartsWith(text)) << arguments;
    EXPECT_FALSE(std::filesystem::exists(folder / "s")) << arguments;
  }
  EXPECT_THAT(chronograd_run("sweep" + out(folder, "s")).err, StartsWith("[chronograd sweep] CONFIG is required."));
  EXPECT_THAT(chronograd_run("sweep --resume" + out(folder, "s")), ExitsWith(4));
}

TEST(SweepVerb, ExitCodesTellWhatCameOut) {
  const Folder folder;
  const std::string config = experiment(folder);
  const std::string wild = " model.activation=relu model.gain=5 optimizer.lr=";
  EXPECT_THAT(chronograd_run("sweep " + config + wild + "1e30,1e31" + out(folder, "all")), ExitsWith(3));
  EXPECT_THAT(chronograd_run("sweep " + config + wild + "1e-3,1e30" + out(folder, "some")), ExitsWith(0));
  std::filesystem::create_directories(folder / "bad");
  std::ofstream(folder / "bad/runs") << "no folder";
  const Outcome failed = chronograd_run("sweep " + config + " optimizer.lr=1,2" + out(folder, "bad"));
  EXPECT_THAT(failed, ExitsWith(1));
  EXPECT_THAT(failed.out, HasSubstr("\nfailed: job 0, optimizer.lr=1, seed 0: ["));
  EXPECT_THAT(failed.out, HasSubstr("2 jobs: 0 done, 0 diverged, 2 failed, 0 not run\n"));
}

TEST(SweepVerb, AnInterruptedSweepSaysSoAndGoesOn) {
  const Folder folder;
  const std::string said = (folder / "said").string();
  Process process("sweep " + experiment(folder, 1000000000) + axes + out(folder, "s"), said);
  ASSERT_TRUE(process.comes_to([&] { return !runs_in(folder / "s").empty(); }));
  process.send(SIGINT);
  EXPECT_EQ(process.wait(), 130);
  EXPECT_THAT(read_text(said), HasSubstr("note: interrupted; --resume goes on.\n"));
  EXPECT_THAT(chronograd_run("sweep --resume train.updates=2" + out(folder, "s")), ExitsWith(4));  // that is no CONFIG
}

// Killed at many moments, a sweep loses no finished job and comes to the same numbers.
TEST(SweepVerb, SurvivesKills) {
  const Folder folder;
  const std::string config = experiment(folder, 20000);
  ASSERT_THAT(chronograd_run("sweep " + config + axes + out(folder, "whole")), ExitsWith(0));
  const auto jobs_done = [&] {
    const std::string ledger = read_text(folder / "s/ledger.jsonl");
    std::size_t lines = 0;
    for (std::size_t at = ledger.find("\"done\""); at != std::string::npos; at = ledger.find("\"done\"", at + 1))
      ++lines;
    return lines;
  };
  const auto lines = [&] {
    std::size_t sum = 0;
    for (const auto& run : runs_in(folder / "s")) sum += lines_in(run / "metrics.jsonl");
    return sum;
  };
  // A moment is when there is more of something than before: first a plan and a job, then reports and jobs done.
  const std::function<std::size_t()> plan =
                                         [&] { return std::size_t{std::filesystem::exists(folder / "s/sweep.json")}; },
                                     begun = [&] { return runs_in(folder / "s").size(); }, report = lines,
                                     done = jobs_done;
  int kills = 0;
  for (int turn = 0; turn < 24; ++turn) {
    const auto& moment = turn == 0 ? plan : turn == 1 ? begun : turn % 3 == 0 ? done : report;
    const std::size_t finished = jobs_done(), before = moment();
    Process process("sweep " + config + axes + " --resume" + out(folder, "s"));
    EXPECT_TRUE(process.comes_to([&] { return moment() > before; }) || turn > 1);
    process.send(SIGKILL);
    kills += process.wait() == 128 + SIGKILL;
    EXPECT_GE(jobs_done(), finished);
  }
  EXPECT_GE(kills, 1);
  const Outcome rest = chronograd_run("sweep --resume --json" + out(folder, "s"));
  EXPECT_THAT(rest, ExitsWith(0));
  json whole = json::parse(chronograd_run("sweep --resume --json" + out(folder, "whole")).out),
       cut = json::parse(rest.out);
  for (json* summary : {&whole, &cut})
    for (json& row : (*summary)["rows"]) row.erase("seconds");
  EXPECT_EQ(cut["rows"], whole["rows"]);
}

}  // namespace
}  // namespace chronograd
