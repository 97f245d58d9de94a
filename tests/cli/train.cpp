// SPDX-License-Identifier: Apache-2.0
// train as users run it: data from a file, steps that do not count, what is printed.
#include "chronograd/array.hpp"
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* model =
    "[model]\ncell='leaky'\nhidden=5\n[loss]\nname='cross_entropy'\n[rule]\nname='rflo'\n[update]\nevery=2\n";

/// 6 streams of 8 steps in 3 classes, of which the second half of the steps does not count.
std::string write_rows(const std::filesystem::path& path, std::int64_t classes = 3) {
  std::vector<double> x, mask;
  std::vector<std::int64_t> y;
  for (int i = 0; i < 48; ++i) {
    x.insert(x.end(), {i % 5 * 0.3, i % 7 * 0.2});
    y.push_back(i % classes);
    mask.push_back(i % 8 < 4 ? 1 : 0);
  }
  write_npz(path.string(),
            {{"x", Array::of({6, 8, 2}, x)}, {"y", Array::of({6, 8}, y)}, {"mask", Array::of({6, 8}, mask)}});
  return "'" + path.string() + "'";
}

json read_json(const std::filesystem::path& path) {
  return json::parse(read_text(path));
}

TEST(TrainVerb, QuietSaysNothing) {
  const Folder folder;
  const std::string words = train_words(folder) + "train.updates=50 ";
  const Outcome quiet = chronograd_run(words + out_words(folder / "quiet"));
  EXPECT_THAT(quiet, ExitsWith(0));
  EXPECT_EQ(quiet.out + quiet.err, "");
  const Outcome loud =
      chronograd_run("train '" + (folder / "c.toml").string() + "' train.updates=50" + out_words(folder / "loud"));
  EXPECT_THAT(loud.out, StartsWith("done after 50 updates: loss "));
  const Outcome json_too = chronograd_run(words + "--json" + out_words(folder / "json"));
  EXPECT_EQ(json::parse(json_too.out)["updates"], 50);
  const Outcome wrong = chronograd_run(words + "model.hidden=0" + out_words(folder / "wrong"));
  EXPECT_THAT(wrong, ExitsWith(2));
  EXPECT_THAT(wrong.err, HasSubstr("[model.hidden] got 0"));
}

TEST(TrainVerb, AnEmptyWordIsNoFolder) {
  const Folder folder;
  const std::string words = train_words(folder);
  for (const std::string& arguments :
       std::vector<std::string>{words + "--out ''", words + "--out=", words + "--out x --params ''",
                                std::string("eval ''"), "report '" + (folder / "run").string() + "' --out ''"}) {
    const Outcome got = chronograd_run(arguments);
    EXPECT_THAT(got, ExitsWith(2)) << arguments;
    EXPECT_EQ(std::count(got.err.begin(), got.err.end(), '\n'), 1) << arguments;
    EXPECT_EQ(got.out, "") << arguments;
  }
  EXPECT_THAT(chronograd_run(words + "--out ''").err, HasSubstr("--out: got an empty word"));
}

// Data on the command line are the data of the configuration: all streams side by side and in order, whatever task the
// file named.
TEST(TrainVerb, DataOnTheCommandLineReplaceTheTask) {
  const Folder folder;
  const std::string data = write_rows(folder / "d.npz");
  std::ofstream(folder / "task.toml") << model << "[task]\nname='add'\n";
  std::ofstream(folder / "data.toml") << model << "[data]\ntrain=\"" << (folder / "d.npz").string() << "\"\n";
  const auto train = [&](const char* config, const std::string& more, const char* out) {
    return chronograd_run("train '" + (folder / config).string() + "' train.epochs=3 --quiet " + more +
                          out_words(folder / out));
  };
  ASSERT_THAT(train("data.toml", "", "data"), ExitsWith(0));
  const Outcome with_task = train("task.toml", "--data " + data, "task");
  ASSERT_THAT(with_task, ExitsWith(0));
  EXPECT_EQ(read_json(folder / "task" / "summary.json")["batch"], 6);
  expect_same_run(folder / "task", folder / "data");
  // The record says which data: eval and --resume need not be told again.
  EXPECT_EQ(read_json(folder / "task" / "resolved.json")["data"]["train"], (folder / "d.npz").string());
  EXPECT_THAT(train("task.toml", "--resume", "task"), ExitsWith(2));
  EXPECT_THAT(train("task.toml", "--resume --data " + data, "task"), ExitsWith(0));
  // Sweeps and comparisons read them alike.
  ASSERT_THAT(chronograd_run("sweep '" + (folder / "task.toml").string() + "' train.epochs=3 --quiet --data " + data +
                             out_words(folder / "s")),
              ExitsWith(0));
  expect_same_run(folder / "s" / "runs" / "0000_seed0", folder / "data");
  ASSERT_THAT(
      chronograd_run("compare '" + (folder / "task.toml").string() +
                     "' train.epochs=3 --quiet --rules rflo --no-cosine --data " + data + out_words(folder / "c")),
      ExitsWith(0));
  expect_same_run(folder / "c" / "runs" / "0000_rflo_seed0", folder / "data");
}

// A line about updates in which no step counted has no loss, and is no divergence. The run's loss is that of the last
// epoch.
TEST(TrainVerb, WindowsWithoutAStepThatCountsHaveNoLoss) {
  const Folder folder;
  const std::string data = write_rows(folder / "d.npz");
  std::ofstream(folder / "c.toml") << model;
  const Outcome got =
      chronograd_run("train '" + (folder / "c.toml").string() +
                     "' train.epochs=2 train.report_every=1 --json --quiet --data " + data + out_words(folder / "run"));
  ASSERT_THAT(got, ExitsWith(0));
  const auto lines = without_times(read_text(folder / "run" / "metrics.jsonl"));
  ASSERT_EQ(lines.size(), 8U);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i]["loss"].is_number(), i % 4 < 2) << i;
    EXPECT_EQ(lines[i].contains("accuracy"), i % 4 < 2) << i;
  }
  const json summary = json::parse(got.out);
  EXPECT_EQ(summary["status"], "done");
  EXPECT_NEAR(summary["train"]["loss"].get<double>(),
              (lines[4]["loss"].get<double>() + lines[5]["loss"].get<double>()) / 2, 1e-6);
  EXPECT_EQ(summary["train"]["steps"], 24);
  EXPECT_THAT(chronograd_run("report '" + (folder / "run").string() + "' -o '" + (folder / "r.html").string() + "'"),
              ExitsWith(0));
}

TEST(EvalVerb, RefusesOtherClassesThanTheNetworkHas) {
  const Folder folder;
  std::ofstream(folder / "c.toml") << model;
  const std::string run = "'" + (folder / "run").string() + "'";
  ASSERT_THAT(chronograd_run("train '" + (folder / "c.toml").string() + "' --quiet --data " +
                             write_rows(folder / "d.npz") + out_words(folder / "run")),
              ExitsWith(0));
  const std::string fewer = write_rows(folder / "2.npz", 2), more = write_rows(folder / "4.npz", 4);
  for (const char* which : {"", " --checkpoint"}) {
    const Outcome good = chronograd_run("eval " + run + which + " --data " + fewer);
    EXPECT_THAT(good, ExitsWith(0));
    const Outcome bad = chronograd_run("eval " + run + which + " --data " + more);
    EXPECT_THAT(bad, ExitsWith(4)) << which;
    EXPECT_THAT(bad.err, HasSubstr("got the class 3")) << which;
    EXPECT_EQ(bad.out, "");
  }
}

}  // namespace
}  // namespace chronograd
