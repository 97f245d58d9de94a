// SPDX-License-Identifier: Apache-2.0
// What a loss is a mean over: steps, each by its weight in the data, however a run is cut into updates and reports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "chronograd/error.hpp"
#include "chronograd/train.hpp"
#include "folder.hpp"
#include "training/remarks.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

/// Rows of 11 steps, of which 11, 7, 2, ... count, by weights that differ.
std::string ragged(const Folder& folder, std::size_t rows) {
  std::vector<double> x, y, mask;
  for (std::size_t i = 0; i < rows * 11; ++i) {
    const std::size_t b = i / 11, t = i % 11;
    x.push_back(std::sin(static_cast<double>(i)));
    y.push_back(static_cast<double>(b + 1) * std::cos(static_cast<double>(i)));
    mask.push_back(t < 11 - (4 * b) % 11 ? 1 + 0.5 * static_cast<double>(t % 2) : 0);
  }
  const std::string path = (folder / "rows.npz").string();
  write_npz(
      path,
      {{"x", Array::of({rows, 11, 1}, x)}, {"y", Array::of({rows, 11, 1}, y)}, {"mask", Array::of({rows, 11}, mask)}});
  return path;
}

Config config_of(const std::vector<std::string>& changes, const std::string& data) {
  std::vector<std::string> all = {"data.train=" + data};
  all.insert(all.end(), changes.begin(), changes.end());
  return Config::parse(
      "dtype='float64'\n[model]\ncell='leaky'\nhidden=5\n[loss]\nname='mse'\n[rule]\nname='rtrl'\n[optimizer]\nlr=0\n"
      "[data]\ntrain='d.npz'\n[train]\nepochs=1\n",
      "test", all);
}

RunResult run(const Config& config, const RunOptions& options = {}) {
  return train(config, *make_task(config), options);
}

// With a rate of 0 the weights stay and the data are the same: every loss of them is one number.
TEST(TrainingLoss, IsOneNumberWhateverTheUpdatesAre) {
  const Folder folder;
  const std::string data = ragged(folder, 4);
  const double expected = run(config_of({"data.test=" + data}, data)).test.loss;
  EXPECT_GT(expected, 0);
  for (const char* every : {"1", "4", "11", "trial"})
    for (const char* report : {"1", "1000"})
      for (const char* more : {"train.epochs=1", "loss.normalize=sum", "train.batch=3", "train.epochs=3"}) {
        Watcher watcher;
        RunOptions options;
        options.observer = &watcher;
        const RunResult result = run(config_of({std::string("update.every=") + every,
                                                std::string("train.report_every=") + report, more, "data.test=" + data},
                                               data),
                                     options);
        EXPECT_NEAR(result.train.loss, expected, 1e-12) << every << " " << report << " " << more;
        EXPECT_NEAR(result.test.loss, expected, 1e-12);
        EXPECT_EQ(result.train.steps, result.test.steps);
        EXPECT_EQ(result.train.steps, 11 + 7 + 3 + 10);
        if (std::string(report) == "1000") {
          ASSERT_EQ(watcher.lines.size(), 1U);
          EXPECT_NEAR(watcher.lines[0].loss, expected, 1e-12);
        }
      }
}

// The gradient of whole rows counts every row alike: that is another number, with a name of its own.
TEST(TrainingLoss, TheObjectiveOfWholeRowsIsApart) {
  const Folder folder;
  const std::string data = ragged(folder, 3);
  double rows = 0;  // mean of the rows' means
  for (int b = 0; b < 3; ++b) {
    const Arrays all = read_npz(data);
    Arrays one;
    for (const char* name : {"x", "y", "mask"}) {
      std::vector<std::size_t> shape = all.at(name).shape;
      shape[0] = 1;
      std::vector<double> values;
      for (std::size_t i = 0; i < 11; ++i) values.push_back(all.at(name).at(static_cast<std::size_t>(b) * 11 + i));
      one.emplace(name, Array::of(shape, values));
    }
    write_npz((folder / "one.npz").string(), one);
    rows += run(config_of({}, (folder / "one.npz").string())).train.loss / 3;
  }
  const RunResult trial = run(config_of({}, data)), steps = run(config_of({"update.every=4"}, data));
  EXPECT_NEAR(trial.train.objective, rows, 1e-12);
  EXPECT_GT(std::fabs(trial.train.objective - trial.train.loss), 1e-3);
  EXPECT_TRUE(std::isnan(steps.train.objective));
  EXPECT_TRUE(std::isnan(run(config_of({"loss.normalize=sum"}, data)).train.objective));
}

TEST(StreamSteps, ThoseThatAShortLastBatchLacksDoNotCount) {
  const Folder folder;
  const std::string data = ragged(folder, 7);
  for (const char* batch : {"1", "2", "3", "7"}) {
    const RunResult result = run(config_of({std::string("train.batch=") + batch}, data));
    EXPECT_EQ(result.stream_steps, 77) << batch;
    EXPECT_DOUBLE_EQ(us_per_step(result.seconds, result), 1e6 * result.seconds / 77);
  }
  EXPECT_EQ(run(config_of({"train.batch=3", "train.updates=2"}, data)).stream_steps, 66);
}

// However many runs waited: one remark says it of all.
TEST(CpuSeconds, ThatManyRunsWaitedForAreOneRemark) {
  RunResult waits, works;
  waits.seconds = 6;
  waits.cpu_seconds = 2;
  waits.train.steps = 1;
  works.seconds = works.cpu_seconds = 5;
  EXPECT_THAT(remarks_on(waits), testing::IsEmpty()) << "it is not said of each";
  Waiting all;
  all.add(works);
  EXPECT_EQ(all.remark(), "");
  all.add(waits);
  all.add(waits);
  EXPECT_THAT(all.remark(), testing::StartsWith("[train] 2 of 3 runs waited for a processor or a file: 12 s passed and "
                                                "4 s were work."));
  Waiting one;
  one.add(waits);
  EXPECT_THAT(one.remark(), testing::StartsWith("[train] the run waited"));
}

// A thread cannot work for longer than the time that passes; two that share a run can.
TEST(CpuSeconds, AreThoseThatTheThreadWorked) {
  const Folder folder;
  const std::string data = ragged(folder, 7);
  RunOptions options;
  options.threads = 1;
  const RunResult result = run(config_of({"train.epochs=300", "update.every=1"}, data), options);
  EXPECT_GT(result.cpu_seconds, 0);
  EXPECT_LT(result.cpu_seconds, 1.05 * result.seconds + 0.01) << "clocks tick apart";
  EXPECT_FALSE(waited(0.9, 0.1)) << "too short to tell";
  EXPECT_TRUE(waited(1.3, 1));
  EXPECT_FALSE(waited(1.1, 1));
}

TEST(NothingCounts, InTrainingIsAnErrorOfTheDataBeforeTheFirstStep) {
  const Folder folder;
  const std::string path = (folder / "none.npz").string();
  Arrays arrays = read_npz(ragged(folder, 3));
  arrays.at("mask") = Array::of({3, 11}, std::vector<double>(33, 0.0));
  write_npz(path, arrays);
  const Config config = config_of({"update.every=trial"}, path);
  const auto task = make_task(config);
  const auto refused = [&](const auto& act) {
    try {
      act();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::data);
      EXPECT_THAT(error.what(), testing::StartsWith("[" + path + "] no step of the training data counts"));
      return;
    }
    ADD_FAILURE() << "was not refused";
  };
  RunOptions options;
  Watcher watcher;
  watcher.on_start = [] { ADD_FAILURE() << "it began"; };
  options.observer = &watcher;
  refused([&] { train(config, *task, options); });
  refused([&] { check_training(config, *task); });
  // One step is enough, and a weight that float32 takes for 0 is none.
  arrays.at("mask").f64[20] = 1e-50;
  write_npz(path, arrays);
  const auto tiny = make_task(config);
  EXPECT_EQ(train(config, *tiny).train.steps, 1);
  refused([&] { train(config.with({"dtype=float32"}), *tiny); });
}

TEST(NothingCounts, InTheTestIsNoDivergence) {
  const Folder folder;
  const std::string data = ragged(folder, 3), none = (folder / "none.npz").string();
  Arrays arrays = read_npz(data);
  arrays.at("mask") = Array::of({3, 11}, std::vector<double>(33, 0.0));
  write_npz(none, arrays);
  Watcher watcher;
  RunOptions options;
  options.observer = &watcher;
  const RunResult result = run(config_of({"data.test=" + none}, data), options);
  EXPECT_EQ(result.status, RunResult::Status::done);
  EXPECT_EQ(result.test.steps, 0);
  EXPECT_TRUE(std::isnan(result.test.loss));
  EXPECT_TRUE(std::isfinite(result.train.loss));
  EXPECT_FALSE(result.score().measured()) << "nothing stands in for the test";
  EXPECT_THAT(watcher.remarks,
              testing::Contains(testing::StartsWith("[" + none + "] no step of the test data counts")));
  EXPECT_EQ(run(config_of({}, data)).test.steps, -1) << "no test data";
  // A loss that is not finite on steps that count is divergence still.
  arrays.at("y").f64[0] = 1e200;
  arrays.at("mask").f64[0] = 1;
  write_npz(none, arrays);
  EXPECT_EQ(run(config_of({"data.test=" + none}, data)).status, RunResult::Status::diverged);
}

}  // namespace
}  // namespace chronograd
