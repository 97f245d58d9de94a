// SPDX-License-Identifier: Apache-2.0
// Sweeps and comparisons that are stopped: their runs go on from where they were, to the same bits.
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A verb that makes runs, and the words for two short ones.
struct Many {
  const char* name;
  const char* words;
};

void PrintTo(const Many& many, std::ostream* out) {
  *out << many.name;
}

class ManyRuns : public testing::TestWithParam<Many> {
 protected:
  /// `VERB CONFIG ...` with this many updates a run.
  std::string words(int updates) const {
    std::ofstream(folder / "c.toml") << small_run;
    return std::string(GetParam().name) + " '" + (folder / "c.toml").string() + "' " + GetParam().words +
           " --jobs 2 train.updates=" + std::to_string(updates) + " train.report_every=10 train.checkpoint_every=500 ";
  }

  static std::vector<std::filesystem::path> runs_in(const std::filesystem::path& out) {
    std::vector<std::filesystem::path> runs;
    for (const auto& entry : std::filesystem::directory_iterator(out / "runs")) runs.push_back(entry.path());
    std::sort(runs.begin(), runs.end());
    return runs;
  }

  /// True once a run has a checkpoint.
  static bool amid(const std::filesystem::path& out) {
    if (!std::filesystem::exists(out / "runs")) return false;
    const auto runs = runs_in(out);
    return std::any_of(runs.begin(), runs.end(), has_checkpoint);
  }

  /// True while a run has a checkpoint and not its end.
  static bool left_unfinished(const std::filesystem::path& out) {
    const auto runs = runs_in(out);
    return std::any_of(runs.begin(), runs.end(), [](const auto& run) {
      const std::string summary = read_text(run / "summary.json");
      return has_checkpoint(run) && (summary.empty() || json::parse(summary)["status"] == "stopped");
    });
  }

  /// Begins in the folder and stops when a run has a checkpoint and not its end. Returns the words that it was begun
  /// with, "" where that failed.
  std::string stopped_by(int signal, const std::filesystem::path& out) const {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
      const std::string start = words(updates_of(attempt));
      std::filesystem::remove_all(out);
      const std::string said = (folder / "said").string();
      Process process(start + out_words(out), said);
      EXPECT_TRUE(process.comes_to([&] { return amid(out); })) << read_text(said);
      process.send(signal);
      const int code = process.wait();
      if (code == 0 || !left_unfinished(out)) continue;
      EXPECT_EQ(code, signal == SIGKILL ? 128 + SIGKILL : 130) << read_text(said);
      return start;
    }
    ADD_FAILURE() << "each time all runs were done before the signal came";
    return "";
  }

  /// Runs that went on from a checkpoint after the first update.
  static int resumed_runs(const std::filesystem::path& out) {
    int count = 0;
    for (const auto& run : runs_in(out)) {
      const json environment = json::parse(read_text(run / "environment.json"));
      for (const json& resumed : environment.value("resumed", json::array())) count += resumed["update"] > 0;
    }
    return count;
  }

  void expect_same_runs(const std::filesystem::path& found, const std::filesystem::path& expected) const {
    const auto left = runs_in(found), right = runs_in(expected);
    ASSERT_EQ(left.size(), right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      EXPECT_EQ(left[i].filename(), right[i].filename());
      expect_same_run(left[i], right[i]);
    }
  }

  Folder folder;
};

TEST_P(ManyRuns, GoOnToTheSameBits) {
  for (const int signal : {SIGKILL, SIGINT, SIGTERM}) {
    const auto cut = folder / ("cut" + std::to_string(signal)), whole = folder / ("whole" + std::to_string(signal));
    const std::string start = stopped_by(signal, cut);
    ASSERT_NE(start, "");
    const Outcome resumed = chronograd_run(start + out_words(cut) + "--resume");
    EXPECT_THAT(resumed, ExitsWith(0));
    EXPECT_THAT(resumed.err, HasSubstr("] the run goes on after update "));
    EXPECT_GT(resumed_runs(cut), 0);
    ASSERT_THAT(chronograd_run(start + out_words(whole)), ExitsWith(0));
    expect_same_runs(cut, whole);
  }
}

TEST_P(ManyRuns, OfAnotherProgramBeginAnew) {
  const auto cut = folder / "cut";
  const std::string start = stopped_by(SIGKILL, cut);
  ASSERT_NE(start, "");
  for (const auto& run : runs_in(cut)) {
    if (!std::filesystem::exists(run / "environment.json")) continue;
    json environment = json::parse(read_text(run / "environment.json"));
    environment["compiler"] = "another";
    std::ofstream(run / "environment.json") << environment;
  }
  const Outcome resumed = chronograd_run(start + out_words(cut) + "--resume");
  EXPECT_THAT(resumed, ExitsWith(0));
  EXPECT_THAT(resumed.err, HasSubstr("began this run: it begins anew."));
  EXPECT_EQ(resumed_runs(cut), 0);
  ASSERT_THAT(chronograd_run(start + out_words(folder / "whole")), ExitsWith(0));
  expect_same_runs(cut, folder / "whole");
}

TEST_P(ManyRuns, SurviveAFullDisk) {
  const std::string start = words(3000);
  ASSERT_THAT(chronograd_run(start + out_words(folder / "whole")), ExitsWith(0));
  const std::string cut = start + out_words(folder / "cut");
  const Outcome full = shell("ulimit -f 30; " + program + " " + cut);
  EXPECT_EQ(full.code, std::string(GetParam().name) == "sweep" ? 1 : 4) << full.err;
  EXPECT_THAT(full.out + full.err, HasSubstr("File too large"));
  const Outcome resumed = chronograd_run(cut + "--resume");
  EXPECT_THAT(resumed, ExitsWith(0));
  expect_same_runs(folder / "cut", folder / "whole");
}

INSTANTIATE_TEST_SUITE_P(each, ManyRuns,
                         testing::Values(Many{"sweep", "optimizer.lr=0.001,0.002"},
                                         Many{"compare", "--rules rflo,uoro --no-cosine"}),
                         [](const auto& each) { return std::string(each.param.name); });

// What a sweep has noted stays true on a disk without room; nothing that was finished is lost.
TEST(SweepLedger, SurvivesAFullDisk) {
  const Folder folder;
  const std::string disk = (folder / "disk").string();
  std::filesystem::create_directory(disk);
  if (shell("unshare -m mount -t tmpfs -o size=64k none '" + disk + "'").code != 0)
    GTEST_SKIP() << "no right to mount a file system";
  std::ofstream(folder / "c.toml") << small_run;
  const std::string words = program + " sweep '" + (folder / "c.toml").string() +
                            "' optimizer.lr=0.001,0.002,0.003,0.004 train.updates=300 train.report_every=10"
                            " train.checkpoint_every=1000 --jobs 1 ";
  ASSERT_THAT(shell(words + out_words(folder / "whole")), ExitsWith(0));
  const std::string run = words + out_words(folder / "disk" / "s");
  std::ofstream(folder / "script") << "mount -t tmpfs -o size=200k none '" << disk << "' || exit 99\n"
                                   << run << "\ncode=$?\ncp -r '" << disk << "/s' '" << (folder / "full").string()
                                   << "'\nmount -o remount,size=10m '" << disk << "' || exit 98\n"
                                   << run << " --resume || exit 97\ncp -r '" << disk << "/s' '"
                                   << (folder / "done").string() << "'\nexit $code\n";
  const Outcome full = shell("unshare -m sh '" + (folder / "script").string() + "'");
  EXPECT_THAT(full.code, testing::AnyOf(1, 4)) << full.err;
  EXPECT_THAT(full.out + full.err, HasSubstr("No space left on device"));
  std::istringstream lines(read_text(folder / "full" / "ledger.jsonl"));
  int finished = 0;
  for (std::string line; std::getline(lines, line);) finished += json::parse(line)["status"] == "done";  // all parse
  EXPECT_GT(finished, 0);
  EXPECT_LT(finished, 4);
  for (const auto& entry : std::filesystem::directory_iterator(folder / "whole" / "runs"))
    expect_same_run(folder / "done" / "runs" / entry.path().filename(), entry.path());
}

TEST(Comparison, SaysWhatItIsAboutBeforeItsFirstRun) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << small_run;
  Process process("compare '" + (folder / "c.toml").string() +
                  "' --rules rflo,uoro --seeds 3,4 train.updates=100000000" + out_words(folder / "c"));
  ASSERT_TRUE(process.comes_to([&] { return std::filesystem::exists(folder / "c" / "comparison.json"); }));
  process.send(SIGKILL);
  process.wait();
  const json record = json::parse(read_text(folder / "c" / "comparison.json"));
  EXPECT_EQ(record["stopped"], true);
  EXPECT_EQ(record["seeds"], json({3, 4}));
  EXPECT_EQ(record["rules"][1]["rule"], "uoro");
  EXPECT_EQ(record["rules"][1]["loss"], nullptr);
  EXPECT_EQ(record["rules"][1]["us_per_step"], nullptr);
}

TEST(Comparison, GoesOnAsItBegan) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << small_run;
  const std::string start = "compare '" + (folder / "c.toml").string() + "' --no-cosine train.updates=300 ",
                    out = out_words(folder / "c"), same = start + "--rules rflo,uoro --seeds 0,1 --resume" + out;
  // It is begun where nothing is there.
  ASSERT_THAT(chronograd_run(same), ExitsWith(0));
  const std::string record = read_text(folder / "c" / "comparison.json"), at = (folder / "c").string();
  const std::pair<std::string, std::string> cases[] = {
      {"--rules rflo,uoro --seeds 0,1", "4[" + at + "] this folder holds a comparison already. --resume goes on"},
      {"--rules rflo,uoro --seeds 0,2 --resume", "2[" + at + "/comparison.json] is about other seeds."},
      {"--rules rflo --seeds 0,1 --resume", "2[" + at + "/comparison.json] is about other rules."},
      {"--rules rflo,uoro --seeds 0,1 --resume model.hidden=9",
       "2[" + at + "/runs/0000_rflo_seed0] got model.hidden = 9, the run was begun with 8."},
  };
  for (const auto& [words, text] : cases) {
    const Outcome got = chronograd_run(start + words + out);
    EXPECT_THAT(std::to_string(got.code) + got.err, testing::StartsWith(text)) << words;
  }
  EXPECT_EQ(read_text(folder / "c" / "comparison.json"), record);
  // A finished one is read, but for the times.
  json first = json::parse(record), again = json::parse(chronograd_run(same + " --json --quiet").out);
  for (json* comparison : {&first, &again})
    for (json& rule : (*comparison)["rules"])
      for (const char* key : {"us_per_step", "us_per_step_cpu"}) rule.erase(key);
  EXPECT_EQ(again, first);
  std::ofstream(folder / "c" / "comparison.json") << "{\"seeds\": [0";
  EXPECT_THAT(chronograd_run(same).err, HasSubstr("is not the record of a comparison: it was cut or edited."));
  EXPECT_EQ(chronograd_run(start + "--rules rflo --resume").err,
            "[chronograd compare] got --resume without --out. Give the folder that is to be gone on with.\n");
}

}  // namespace
}  // namespace chronograd
