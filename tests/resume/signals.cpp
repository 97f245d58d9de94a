// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM: a checkpoint and exit 130; a second one ends the program at once.
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

class Signal : public testing::TestWithParam<int> {};

TEST_P(Signal, StopsWithACheckpoint) {
  const Folder folder;
  const std::string words = train_words(folder, std::string(small_run) + "[watch]\nrules=['rtrl']\nevery=1\n");
  const auto cut = folder / "cut";
  std::string train;
  bool stopped = false;
  for (int attempt = 0; attempt < most_attempts && !stopped; ++attempt) {
    train = words + "train.updates=" + std::to_string(updates_of(attempt) / 8) + " train.report_every=5 ";
    std::filesystem::remove_all(cut);
    Process process(train + out_words(cut));
    ASSERT_TRUE(process.comes_to([&] { return lines_in(cut / "metrics.jsonl") > 10; }));
    process.send(GetParam());
    const int code = process.wait();
    stopped = code == 130;
    if (!stopped) {
      ASSERT_EQ(code, 0);
    }
  }
  ASSERT_TRUE(stopped);
  ASSERT_THAT(chronograd_run(train + out_words(folder / "whole")), ExitsWith(0));
  const json summary = json::parse(read_text(cut / "summary.json"));
  EXPECT_EQ(summary["status"], "stopped");
  const std::string checkpoint = "update-" + std::to_string(summary["updates"].get<int>()) + ".npz";
  EXPECT_TRUE(std::filesystem::exists(cut / "checkpoint" / checkpoint));
  EXPECT_TRUE(std::filesystem::exists(cut / "params.npz"));
  const Outcome resumed = chronograd_run(train + out_words(cut) + "--resume threads=2 train.checkpoint_every=7");
  EXPECT_THAT(resumed, ExitsWith(0));
  expect_same_run(cut, folder / "whole");
  const json environment = json::parse(read_text(cut / "environment.json"));
  ASSERT_EQ(environment["resumed"].size(), 1U);
  EXPECT_EQ(environment["resumed"][0]["update"], summary["updates"]);
  EXPECT_EQ(environment["resumed"][0]["threads"], 2);
}

INSTANTIATE_TEST_SUITE_P(each, Signal, testing::Values(SIGINT, SIGTERM));

TEST(Signals, TheSecondOneEndsAtOnce) {
  // One update takes far longer than this test.
  const Folder folder;
  const std::string train = train_words(folder,
                                        "[model]\ncell='leaky'\nhidden=256\n[loss]\nname='mse'\n[rule]\nname='rtrl'\n"
                                        "[task]\nname='sine'\nlength=1000000\n");
  Process process(train + out_words(folder / "run"));
  ASSERT_TRUE(process.comes_to([&] { return std::filesystem::exists(folder / "run" / "metrics.jsonl"); }));
  ASSERT_TRUE(process.catches(SIGTERM));
  process.send(SIGINT);
  ASSERT_TRUE(process.comes_to([&] { return !process.catches(SIGTERM); })) << "the first one has been heard";
  ASSERT_TRUE(process.running());
  process.send(SIGTERM);
  EXPECT_EQ(process.wait(), 128 + SIGTERM);
  EXPECT_FALSE(std::filesystem::exists(folder / "run" / "summary.json"));
}

}  // namespace
}  // namespace chronograd
