// SPDX-License-Identifier: Apache-2.0
// Bad days of a run's folder: full disks, other writers, other runs, files that are not what they were.
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Names and bytes of all files of a folder.
std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files[entry.path().string()] = read_text(entry.path());
  return files;
}

TEST(RunFolder, OfARunIsRefusedWithoutResume) {
  const Folder folder;
  const std::string train = train_words(folder);
  ASSERT_THAT(chronograd_run(train + out_words(folder / "run")), ExitsWith(0));
  const auto before = contents(folder / "run");
  const Outcome again = chronograd_run(train + out_words(folder / "run"));
  EXPECT_THAT(again, ExitsWith(4));
  EXPECT_THAT(again.err, AllOf(HasSubstr("holds a run already"), HasSubstr("--resume")));
  // A finished run is only read.
  const Outcome resumed = chronograd_run(train + out_words(folder / "run") + "--resume --json");
  EXPECT_THAT(resumed, ExitsWith(0));
  json printed = json::parse(resumed.out);
  EXPECT_EQ(printed["folder"], (folder / "run").string());
  printed.erase("folder");
  EXPECT_EQ(printed, json::parse(before.at((folder / "run" / "summary.json").string())));
  EXPECT_EQ(contents(folder / "run"), before);
  const Outcome other = chronograd_run(train + out_words(folder / "run") + "--resume optimizer.lr=0.5");
  EXPECT_THAT(other, ExitsWith(2));
  EXPECT_THAT(other.err, HasSubstr("got optimizer.lr = 0.5, the run was begun with 0.001."));
  EXPECT_EQ(contents(folder / "run"), before);
}

TEST(RunFolder, KeepsTheUsersFiles) {
  const Folder folder;
  const std::string train = train_words(folder);
  std::filesystem::create_directory(folder / "run");
  std::ofstream(folder / "run" / "config.toml") << "mine";
  const Outcome other = chronograd_run(train + out_words(folder / "run"));
  EXPECT_THAT(other, ExitsWith(4));
  EXPECT_THAT(other.err, HasSubstr("another configuration"));
  EXPECT_EQ(contents(folder / "run").size(), 1U);
  std::ofstream(folder / "run" / "config.toml") << small_run;
  EXPECT_THAT(chronograd_run(train + out_words(folder / "run")), ExitsWith(0));
}

TEST(RunFolder, IsRefusedToASecondWriter) {
  const Folder folder;
  const std::string train = train_words(folder) + "train.updates=100000000" + out_words(folder / "run");
  Process first(train);
  ASSERT_TRUE(first.comes_to([&] { return has_checkpoint(folder / "run"); }));
  const Outcome second = chronograd_run(train + "--resume");
  EXPECT_THAT(second, ExitsWith(4));
  EXPECT_THAT(second.err, HasSubstr("another process writes to this folder"));
  EXPECT_TRUE(first.running());
  first.send(SIGKILL);
  first.wait();
  // The lock went with the process.
  Process third(train + " --resume");
  ASSERT_TRUE(
      third.comes_to([&] { return json::parse(read_text(folder / "run" / "environment.json")).contains("resumed"); }));
}

TEST(RunFolder, OfADivergedRunSaysSo) {
  const Folder folder;
  const std::string train = train_words(folder) + "model.activation=relu model.gain=5 optimizer.lr=1e9";
  EXPECT_THAT(chronograd_run(train + out_words(folder / "run")), ExitsWith(3));
  EXPECT_EQ(json::parse(read_text(folder / "run" / "summary.json"))["status"], "diverged");
  EXPECT_TRUE(std::filesystem::exists(folder / "run" / "params.npz"));
  EXPECT_THAT(chronograd_run(train + out_words(folder / "run") + "--resume"), ExitsWith(3));
}

/// After a run that stopped for want of space, everything that is there is whole, and it goes on when there is space.
void expect_whole_and_going_on(const Outcome& full, const std::string& resume, const std::filesystem::path& run,
                               const std::filesystem::path& expected) {
  EXPECT_THAT(full, ExitsWith(4));
  EXPECT_THAT(full.err, HasSubstr("metrics.jsonl"));
  // The counters of a coverage build meet the same limit, and say so after us.
  EXPECT_EQ(full.err.find('\n'), std::min(full.err.size() - 1, full.err.find("\nlibgcov"))) << full.err;
  EXPECT_GT(without_times(read_text(run / "metrics.jsonl")).size(), 100U);  // every line parses
  EXPECT_FALSE(std::filesystem::exists(run / "summary.json"));
  const Outcome resumed = chronograd_run(resume);
  EXPECT_THAT(resumed, ExitsWith(0));
  expect_same_run(run, expected);
}

TEST(RunFolder, SurvivesALimitOnFileSizes) {
  const Folder folder;
  const std::string train = train_words(folder);
  ASSERT_THAT(chronograd_run(train + out_words(folder / "whole")), ExitsWith(0));
  const std::string words = train + out_words(folder / "run");
  const Outcome full = shell("ulimit -f 200; " + program + " " + words);
  EXPECT_THAT(full.err, HasSubstr("File too large"));
  expect_whole_and_going_on(full, words + "--resume", folder / "run", folder / "whole");
}

TEST(RunFolder, SurvivesAFullDisk) {
  const Folder folder;
  const std::string disk = (folder / "disk").string();
  std::filesystem::create_directory(disk);
  // A small file system of its own, where the system allows one.
  if (shell("unshare -m mount -t tmpfs -o size=64k none '" + disk + "'").code != 0)
    GTEST_SKIP() << "no right to mount a file system";
  const std::string train = train_words(folder);
  ASSERT_THAT(chronograd_run(train + out_words(folder / "whole")), ExitsWith(0));
  const std::string run = program + " " + train + out_words(folder / "disk" / "run");
  // It fills, is looked at, gets more space, and goes on: all while it is mounted.
  std::ofstream(folder / "script") << "mount -t tmpfs -o size=200k none '" << disk << "' || exit 99\n"
                                   << run << "\ncode=$?\ncp -r '" << disk << "/run' '" << (folder / "full").string()
                                   << "'\nmount -o remount,size=10m '" << disk << "' || exit 98\n"
                                   << run << " --resume || exit 97\ncp -r '" << disk << "/run' '"
                                   << (folder / "done").string() << "'\nexit $code\n";
  const Outcome full = shell("unshare -m sh '" + (folder / "script").string() + "'");
  EXPECT_THAT(full, ExitsWith(4));
  EXPECT_THAT(full.err, HasSubstr("No space left on device"));
  EXPECT_GT(without_times(read_text(folder / "full" / "metrics.jsonl")).size(), 100U);
  EXPECT_FALSE(std::filesystem::exists(folder / "full" / "summary.json"));
  expect_same_run(folder / "done", folder / "whole");
}

TEST(RunFolder, ThatCannotBeWrittenIsAFileError) {
  const Folder folder;
  const std::string train = train_words(folder);
  std::ofstream(folder / "file") << "x";
  const Outcome below = chronograd_run(train + out_words(folder / "file" / "run"));
  EXPECT_THAT(below, ExitsWith(4));
  EXPECT_THAT(below.err, HasSubstr("cannot make this folder"));
  EXPECT_THAT(chronograd_run(train + out_words("/proc/run")), ExitsWith(4));
  // Metrics that cannot be opened for writing.
  std::filesystem::create_directories(folder / "run" / "metrics.jsonl");
  const Outcome metrics = chronograd_run(train + out_words(folder / "run") + "--resume");
  EXPECT_THAT(metrics, ExitsWith(4));
  EXPECT_THAT(metrics.err, HasSubstr("metrics.jsonl"));
  const std::string disk = (folder / "disk").string();
  std::filesystem::create_directory(disk);
  if (shell("unshare -m mount -t tmpfs -o ro none '" + disk + "'").code != 0) return;
  std::ofstream(folder / "script") << "mount -t tmpfs -o ro none '" << disk << "' || exit 99\n"
                                   << program << " " << train << out_words(folder / "disk" / "run") << "\n";
  const Outcome frozen = shell("unshare -m sh '" + (folder / "script").string() + "'");
  EXPECT_THAT(frozen, ExitsWith(4));
  EXPECT_THAT(frozen.err, HasSubstr("Read-only file system"));
}

TEST(RunFolder, NoticesOtherData) {
  const Folder folder;
  const std::string train = train_words(folder);
  ASSERT_THAT(chronograd_run(train + "train.updates=10" + out_words(folder / "first")), ExitsWith(0));
  ASSERT_THAT(chronograd_run(train + "train.updates=20" + out_words(folder / "second")), ExitsWith(0));
  const auto params = [&](const char* name) { return " --params '" + (folder / name / "params.npz").string() + "' "; };
  const std::string words = train + "train.updates=100000000" + out_words(folder / "run");
  Process process(words + params("first"));
  ASSERT_TRUE(process.comes_to([&] { return lines_in(folder / "run" / "metrics.jsonl") > 200; }));
  process.send(SIGKILL);
  process.wait();
  const Outcome other = chronograd_run(words + params("second") + "--resume");
  EXPECT_THAT(other, ExitsWith(2));
  EXPECT_THAT(other.err, HasSubstr("got data that the run was not begun with"));
  const Outcome none = chronograd_run(words + "--resume");
  EXPECT_THAT(none, ExitsWith(2));
  EXPECT_THAT(none.err, HasSubstr("which is missing now"));
  // A file of metrics that was cut by hand.
  std::filesystem::resize_file(folder / "run" / "metrics.jsonl", 100);
  const Outcome cut = chronograd_run(words + params("first") + "--resume");
  EXPECT_THAT(cut, ExitsWith(4));
  EXPECT_THAT(cut.err, HasSubstr("the checkpoint comes after"));
}

/// Writes another value of a key into a file of JSON.
void edit(const std::filesystem::path& path, const json::json_pointer& key, const json& value) {
  json all = json::parse(read_text(path));
  all[key] = value;
  std::ofstream(path) << all;
}

TEST(RunFolder, OfANewerVersionSaysSo) {
  const Folder folder;
  const std::string train = train_words(folder) + "train.updates=10" + out_words(folder / "run"),
                    eval = "eval " + (folder / "run").string();
  ASSERT_THAT(chronograd_run(train), ExitsWith(0));
  const std::string both = " It was written by chronograd 99.0.0, this is chronograd ";
  edit(folder / "run" / "environment.json", json::json_pointer("/version"), "99.0.0");
  EXPECT_THAT(chronograd_run(eval), ExitsWith(0)) << "what it knows it reads";
  edit(folder / "run" / "resolved.json", json::json_pointer("/rule/name"), "rule_of_2030");
  for (const std::string& words : {eval, train + "--resume"}) {
    const Outcome newer = chronograd_run(words);
    EXPECT_THAT(newer, ExitsWith(2));
    EXPECT_THAT(newer.err, AllOf(HasSubstr("rule_of_2030"), HasSubstr(both)));
  }
  edit(folder / "run" / "summary.json", json::json_pointer("/train"), 3);
  const Outcome summary = chronograd_run(train + "--resume");
  EXPECT_THAT(summary, ExitsWith(4));
  EXPECT_THAT(summary.err, AllOf(HasSubstr("is no summary of a run"), HasSubstr(both)));
}

// Its training loss is another number under the same name.
TEST(RunFolder, OfAnEarlierVersionIsNotTakenForAFinishedRun) {
  const Folder folder;
  const std::string train = train_words(folder) + "train.updates=10" + out_words(folder / "run");
  ASSERT_THAT(chronograd_run(train), ExitsWith(0));
  json summary = json::parse(read_text(folder / "run" / "summary.json"));
  for (const char* key : {"cpu_seconds", "us_per_step_cpu", "floor"}) summary.erase(key);
  for (const char* part : {"train", "test"}) summary[part].erase("steps");
  std::ofstream(folder / "run" / "summary.json") << summary;
  const Outcome got = chronograd_run(train + " --resume");
  EXPECT_THAT(got, ExitsWith(4));
  EXPECT_THAT(got.err, HasSubstr("summary.json] an earlier version wrote it, whose training loss "));
  EXPECT_THAT(chronograd_run("report '" + (folder / "run").string() + "' -o '" + (folder / "r.html").string() + "'"),
              ExitsWith(0));
  EXPECT_THAT(chronograd_run("eval '" + (folder / "run").string() + "'"), ExitsWith(0));
}

TEST(SweepFolder, OfANewerVersionSaysSo) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << small_run;
  const std::string sweep = "sweep '" + (folder / "c.toml").string() + "' optimizer.lr=0.1,0.2 train.updates=10",
                    resume = "sweep --resume" + out_words(folder / "s");
  ASSERT_THAT(chronograd_run(sweep + out_words(folder / "s")), ExitsWith(0));
  const auto plan = folder / "s" / "sweep.json";
  edit(plan, json::json_pointer("/version"), "99.0.0");
  EXPECT_THAT(chronograd_run(resume), ExitsWith(0)) << "what it knows it reads";
  edit(plan, json::json_pointer("/changes/0"), "train.telemetry=1");
  const std::string both = " It was written by chronograd 99.0.0, this is chronograd ";
  const Outcome newer = chronograd_run(resume);
  EXPECT_THAT(newer, ExitsWith(2));
  EXPECT_THAT(newer.err, AllOf(HasSubstr("train.telemetry] unknown key"), HasSubstr(both)));
  edit(plan, json::json_pointer("/seeds"), "all");
  const Outcome other = chronograd_run(resume);
  EXPECT_THAT(other, ExitsWith(4));
  EXPECT_THAT(other.err, AllOf(HasSubstr("is not the record of a sweep"), HasSubstr(both)));
}

TEST(RunFolder, TellsAboutACheckpointThatIsCutShort) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << small_run;
  const std::string words =
      "train '" + (folder / "c.toml").string() + "' train.updates=100000000" + out_words(folder / "run");
  Process process(words);
  ASSERT_TRUE(process.comes_to([&] { return lines_in(folder / "run" / "metrics.jsonl") > 500; }));
  process.send(SIGINT);
  ASSERT_EQ(process.wait(), 130);
  const int last = json::parse(read_text(folder / "run" / "summary.json"))["updates"];
  std::filesystem::resize_file(folder / "run" / "checkpoint" / ("update-" + std::to_string(last) + ".npz"), 99);
  Process again(
      "train '" + (folder / "c.toml").string() + "' train.updates=100000000" + out_words(folder / "run") + "--resume",
      (folder / "err").string());
  ASSERT_TRUE(again.comes_to(
      [&] { return read_text(folder / "err").find("the run goes on after update") != std::string::npos; }));
  EXPECT_THAT(read_text(folder / "err"),
              AllOf(HasSubstr("update-" + std::to_string(last)), HasSubstr("The checkpoint before it is used.")));
}

}  // namespace
}  // namespace chronograd
