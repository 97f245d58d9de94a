// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "chronograd/error.hpp"
#include "chronograd/gradient.hpp"
#include "chronograd/train.hpp"
#include "formats/file_task.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

Config stream(const std::vector<std::string>& changes) {
  return Config::parse(
      "[model]\ncell='leaky'\nhidden=8\n[loss]\nname='cross_entropy'\n[rule]\nname='rtrl'\n[update]\nevery=1\n"
      "[optimizer]\nlr=0.05\n[task]\nname='add'\n[train]\nupdates=2000\ntest_steps=500\n",
      "test", changes);
}

RunResult run(const Config& config, RunOptions options = {}) {
  return train(config, *make_task(config), options);
}

TEST(Trainer, LearnsAndReports) {
  Watcher watcher;
  RunOptions options;
  options.observer = &watcher;
  const RunResult result = run(stream({}), options);
  const std::vector<Metrics>& seen = watcher.lines;
  EXPECT_EQ(result.status, RunResult::Status::done);
  EXPECT_EQ(result.updates, 2000);
  ASSERT_EQ(seen.size(), 100U);
  EXPECT_EQ(seen.back().update, 2000);
  EXPECT_LT(result.test.loss, 0.6616);  // what can be reached without memory
  EXPECT_LT(seen.back().loss, seen.front().loss);
  EXPECT_TRUE(std::isnan(result.test.accuracy));  // soft targets have no classes
}

TEST(Trainer, WatchingChangesNothing) {
  const RunResult alone = run(stream({"rule.name=rflo"}));
  const RunResult watched = run(stream({"rule.name=rflo", "watch.rules=rtrl,rflo", "watch.every=10"}));
  EXPECT_EQ(alone.parameters.at("W_rec").f32, watched.parameters.at("W_rec").f32);
  ASSERT_EQ(watched.alignment.size(), 4 * 3U);  // the cell and its three parameters, three pairs
  const AlignedPair &exact = watched.alignment[0], &itself = watched.alignment[1], &others = watched.alignment[2];
  EXPECT_GT(exact.cosine, 0.1);
  EXPECT_LT(exact.cosine, 0.99);
  EXPECT_NEAR(itself.cosine, 1, 1e-6);
  EXPECT_NEAR(itself.norm_ratio, 1, 1e-6);
  EXPECT_EQ(others.rule, "rtrl");
  EXPECT_EQ(others.beside, "rflo");
  EXPECT_NEAR(others.cosine, exact.cosine, 1e-6);  // means over the same comparisons
  for (const AlignedPair& pair : watched.alignment)
    if (pair.rule == trained_rule && pair.beside == "rflo") {
      EXPECT_NEAR(pair.cosine, 1, 1e-6) << pair.group;
    }
  EXPECT_EQ(watched.alignment.back().group, "b_h");
}

TEST(Trainer, WatchesWholeRowsOnTheirOwn) {
  const std::vector<std::string> rows = {"task.length=30", "train.updates=50", "watch.every=10", "update.every=trial"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), rows.begin(), rows.end());
    return run(stream(more));
  };
  EXPECT_NEAR(with({"rule.name=bptt", "watch.rules=rtrl,bptt"}).alignment[0].cosine, 1, 1e-5);
  const RunResult windows = with({"rule.name=tbptt", "rule.L=3", "watch.rules=bptt,rtrl"});
  EXPECT_NEAR(windows.alignment[0].cosine, windows.alignment[1].cosine, 1e-5);
  EXPECT_LT(windows.alignment[0].cosine, 0.999);
  EXPECT_THROW(run(stream({"watch.rules=bptt"})), Error);
  const std::string interval = "reach=8,reach_by=interval";
  EXPECT_EQ(run(stream({"rule.name=rflo", "update.every=4", "watch.rules=[\"snap(" + interval + ")\"]"})).status,
            RunResult::Status::done);
  for (const char* own : {",update.every=2", ",update.every=8"})
    EXPECT_THROW(run(stream({"rule.name=rflo", "update.every=4", "watch.rules=[\"snap(" + interval + own + ")\"]"})),
                 Error);
  EXPECT_THROW(
      run(stream({"rule.name=tbptt", "rule.L=2", "update.every=4", "watch.rules=[\"snap(" + interval + ")\"]"})),
      Error);
  EXPECT_THROW(run(stream({"rule.name=snap", "rule.reach=8", "rule.reach_by=interval", "update.every=4294967300"})),
               Error);
}

TEST(Trainer, ReturnsAllThatAFurtherRunNeeds) {
  const Config config = stream({"rule.name=rflo", "rule.feedback=adaptive", "train.updates=10"});
  const auto task = make_task(config);
  Arrays begin = run(config).parameters;
  ASSERT_EQ(begin.at("B_feedback").shape, (std::vector<std::size_t>{8, 2}));
  begin.emplace("W_rec_mask", Array::of({8, 8}, std::vector<std::int64_t>(64, 1)));
  begin.at("W_rec_mask").i64[3] = 0;
  RunOptions options;
  options.parameters = &begin;
  const Arrays end = train(config, *task, options).parameters;
  EXPECT_EQ(end.at("W_rec").f32[3], 0);
  EXPECT_EQ(end.at("W_rec_mask").f32[3], 0);
  EXPECT_EQ(end.at("W_rec_mask").f32[4], 1);
  // The feedback matrix got what W_out got.
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t k = 0; k < 2; ++k) {
      const double moved = end.at("W_out").at(k * 8 + i) - begin.at("W_out").at(k * 8 + i);
      EXPECT_NEAR(end.at("B_feedback").at(i * 2 + k) - begin.at("B_feedback").at(i * 2 + k), moved, 1e-6);
      EXPECT_NE(moved, 0);
    }
}

TEST(Trainer, MeasuresTheAngleOfTheFeedback) {
  Watcher watcher;
  RunOptions options;
  options.observer = &watcher;
  run(stream({"rule.name=rflo", "rule.feedback=adaptive", "rule.feedback_decay=0.01"}), options);
  EXPECT_GT(watcher.lines.front().feedback_angle, watcher.lines.back().feedback_angle);
  EXPECT_LT(watcher.lines.back().feedback_angle, 1) << "degrees: what both began with has decayed by 0.99^2000";
  run(stream({"rule.name=rflo"}), options);
  EXPECT_TRUE(std::isnan(watcher.lines.back().feedback_angle));
}

TEST(Trainer, DivergenceIsAResult) {
  const RunResult result = run(stream({"model.activation=relu", "optimizer.lr=1e9", "model.gain=5"}));
  EXPECT_EQ(result.status, RunResult::Status::diverged);
  for (const auto& [name, array] : result.parameters)
    for (std::size_t i = 0; i < array.size(); ++i) EXPECT_TRUE(std::isfinite(array.at(i))) << name;
}

TEST(Trainer, StopsWhenAsked) {
  RunOptions options;
  Watcher watcher;
  options.observer = &watcher;
  watcher.goes_on = [](const Position& position) {
    EXPECT_EQ(position.updates, 2000);
    EXPECT_EQ(position.stream_steps, position.update);
    return position.update < 640;
  };
  const RunResult result = run(stream({}), options);
  EXPECT_EQ(result.status, RunResult::Status::stopped);
  EXPECT_EQ(result.updates, 640);
}

// Long updates must not keep a user waiting who wants to stop.
TEST(Trainer, IsAskedAfterEveryLongUpdate) {
  std::vector<std::int64_t> asked;
  RunOptions options;
  Watcher watcher;
  options.observer = &watcher;
  watcher.goes_on = [&](const Position& position) {
    asked.push_back(position.stream_steps);
    return asked.size() < 3;
  };
  run(stream({"update.every=20", "train.batch=4"}), options);
  EXPECT_EQ(asked, (std::vector<std::int64_t>{80, 160, 240}));
}

TEST(Trainer, RunsAShortLastBatch) {
  // 3 rows in batches of 2: the last batch has one row and one stream that is not there.
  const Config config = Config::parse(
      "[model]\ncell='leaky'\nhidden=5\n[loss]\nname='mse'\n[rule]\nname='bptt'\n[task]\nname='sine'\nlength=10\nrows="
      "3\n"
      "[train]\nbatch=2\nepochs=1\n",
      "test");
  const RunResult result = run(config);
  EXPECT_EQ(result.updates, 2);
  EXPECT_TRUE(std::isfinite(result.train.loss));
}

// Whether shards take turns is a matter of memory. Noise and the last, short batch know streams by their numbers.
TEST(Trainer, TakesShardsInTurnsToTheSameNumbers) {
  bool differ = false;
  for (const std::string rule : {"eprop", "bptt", "rtrl", "snap", "averaged"}) {
    const bool averaged = rule == "averaged";
    const auto with = [&](const std::string& memory, int threads) {
      const Config config = Config::parse(
          "dtype='float64'\n[model]\ncell='leaky'\nhidden=5\nalpha=0.6\nnoise=0.1\n[loss]\nname='mse'\n[rule]\n"
          "name='bptt'\n[optimizer]\nlr=0.05\n[task]\nname='sine'\nlength=12\nrows=30\n[train]\nbatch=16\nepochs=3\n"
          "[watch]\nrules=['rtrl', 'bptt', 'uoro']\nevery=1\n",
          "test",
          {"rule.name=" + (averaged ? "bptt" : rule), averaged ? "train.average=0.3" : "seed=0",
           "train.memory=" + memory});
      RunOptions options;
      options.threads = threads;
      return run(config, options);
    };
    const RunResult at_once = with("1", 1), in_turns = with("0.02", 1), shared = with("0.02", 3);
    for (const auto& [name, array] : at_once.parameters) {
      for (std::size_t i = 0; i < array.f64.size(); ++i)
        EXPECT_NEAR(in_turns.parameters.at(name).f64[i], array.f64[i], 1e-13) << rule << " " << name;
      EXPECT_EQ(in_turns.parameters.at(name).f64, shared.parameters.at(name).f64) << rule << " " << name;
      differ |= in_turns.parameters.at(name).f64 != array.f64;
    }
    ASSERT_EQ(at_once.alignment.size(), in_turns.alignment.size());
    for (std::size_t i = 0; i < at_once.alignment.size(); ++i) {
      EXPECT_NEAR(at_once.alignment[i].cosine, in_turns.alignment[i].cosine, 1e-10) << rule;
      EXPECT_EQ(shared.alignment[i].cosine, in_turns.alignment[i].cosine) << rule;
    }
  }
  EXPECT_TRUE(differ) << "sums are taken in another order";
}

/// A task of which reading one row fails.
class TornTask final : public Task {
 public:
  TornTask(const Config& config, std::int64_t torn) : whole_(make_task(config)), torn_(torn) {}
  int inputs() const override { return whole_->inputs(); }
  int outputs() const override { return whole_->outputs(); }
  std::int64_t length(Split split) const override { return whole_->length(split); }
  std::int64_t rows(Split split) const override { return split == Split::train ? whole_->rows(split) : -1; }
  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    if (row == torn_) throw Error(Exit::data, "row", "got a torn one.");
    whole_->read(split, row, t, steps, out);
  }
  std::string summary() const override { return whole_->summary(); }

 private:
  std::unique_ptr<Task> whole_;
  std::int64_t torn_;
};

// Rows that somebody looks at beside their turn are read before it, others in it: the last of two runs reads so.
TEST(Trainer, ReadsRowsWhenTheirTurnComes) {
  const auto with = [](const std::vector<std::string>& watched, int threads, std::int64_t torn) {
    const Config config = Config::parse(
        "dtype='float64'\n[model]\ncell='leaky'\nhidden=5\nalpha=0.6\n[loss]\nname='mse'\n[rule]\nname='eprop'\n"
        "[optimizer]\nlr=0.05\n[task]\nname='sine'\nlength=12\nrows=30\n[train]\nbatch=16\nepochs=3\nmemory=0.02\n",
        "test", watched);
    RunOptions options;
    options.threads = threads;
    return train(config, TornTask(config, torn), options).parameters.at("W_rec").f64;
  };
  const auto expected = with({"watch.rules=rtrl"}, 1, -1);
  for (const int threads : {1, 3}) {
    EXPECT_EQ(with({}, threads, -1), expected);
    EXPECT_THROW(with({}, threads, 29), Error) << "in the last batch";
  }
}

TEST(Gradient, StopsWhereItIsTold) {
  const std::size_t T = 40;
  Arrays data, parameters;
  data.emplace("x", Array::of({1, T, 1}, std::vector<double>(T, 0.5)));
  data.emplace("y", Array::of({1, T, 1}, std::vector<double>(T, 1)));
  const Config config = Config::parse(
      "[model]\ncell='leaky'\nhidden=1\n[loss]\nname='mse'\n[rule]\nname='rtrl'\n[update]\nevery=10\n", "test");
  FileNeeds needs{};
  needs.loss = "mse";
  needs.units = 1;
  const auto task = make_file_task(std::move(data), "test", nullptr, "", needs, nullptr);
  for (const char* name : {"W_rec", "W_in", "W_out"})
    parameters.emplace(name, Array::of({1, 1}, std::vector<double>{0.5}));
  for (const char* name : {"b_h", "b_y"}) parameters.emplace(name, Array::of({1}, std::vector<double>{0}));
  GradientRequest request;
  std::vector<std::int64_t> asked;
  Watcher watcher;
  request.observer = &watcher;
  watcher.goes_on = [&](const Position& position) {
    asked.push_back(position.update);
    return position.update < 20;
  };
  try {
    gradient(config, *task, parameters, "test", request);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::interrupted);
    EXPECT_STREQ(error.what(), "[gradient] interrupted after step 20 of 40; nothing was written.");
  }
  EXPECT_THAT(asked, testing::ElementsAre(10, 20));
}

}  // namespace
}  // namespace chronograd
