// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM: a checkpoint and exit 130; a second one ends the program at once.
#include "chronograd/array.hpp"
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

/// Set-up that would take long is seen and ended: there is nothing yet to be stopped in order.
TEST(Signals, EndSetUpAtOnce) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << "[model]\ncell='leaky'\nhidden=2500\n[loss]\nname='mse'\n[rule]\nname='rflo'\n"
                                      "[update]\nevery=1\n[task]\nname='sine'\n[train]\nupdates=5\n";
  const std::string config = "'" + (folder / "c.toml").string() + "'", errors = (folder / "errors").string();
  for (const std::string& command : {"train " + config + out_words(folder / "run"),
                                     "compare " + config + " --rules rflo" + out_words(folder / "run"),
                                     "sweep " + config + " optimizer.lr=1,2" + out_words(folder / "run")}) {
    SCOPED_TRACE(command);
    std::filesystem::remove(errors);
    Process process(command, errors);
    ASSERT_TRUE(process.comes_to([&] { return read_text(errors).find("drawing W_rec") != std::string::npos; }));
    process.send(SIGINT);
    EXPECT_EQ(process.wait(), 130);
    EXPECT_FALSE(std::filesystem::exists(folder / "run"));
    EXPECT_THAT(read_text(errors), testing::HasSubstr("interrupted before anything had begun"));
  }
}

TEST(Signals, EndAGradientWithoutAFile) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << "[model]\ncell='leaky'\nhidden=64\n[loss]\nname='mse'\n[rule]\nname='rtrl'\n"
                                      "[update]\nevery=1\n";
  const std::size_t T = 200000, d = 64;
  Arrays data, parameters;
  data.emplace("x", Array::of({1, T, 1}, std::vector<double>(T)));
  data.emplace("y", Array::of({1, T, 1}, std::vector<double>(T)));
  parameters.emplace("W_rec", Array::of({d, d}, std::vector<double>(d * d)));
  parameters.emplace("W_in", Array::of({d, 1}, std::vector<double>(d)));
  parameters.emplace("b_h", Array::of({d}, std::vector<double>(d)));
  parameters.emplace("W_out", Array::of({1, d}, std::vector<double>(d)));
  parameters.emplace("b_y", Array::of({1}, std::vector<double>(1)));
  write_npz((folder / "d.npz").string(), data);
  write_npz((folder / "p.npz").string(), parameters);
  const std::string errors = (folder / "errors").string();
  const auto word = [&](const char* name) { return "'" + (folder / name).string() + "' "; };
  Process process("gradient " + word("c.toml") + "--data " + word("d.npz") + "--params " + word("p.npz") + "--out " +
                      word("g.npz") + "--json",
                  errors);
  ASSERT_TRUE(process.comes_to([&] { return read_text(errors).find("progress") != std::string::npos; }));
  process.send(SIGINT);
  EXPECT_EQ(process.wait(), 130);
  EXPECT_FALSE(std::filesystem::exists(folder / "g.npz"));
  EXPECT_THAT(read_text(errors), testing::HasSubstr("interrupted after step"));
}

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
