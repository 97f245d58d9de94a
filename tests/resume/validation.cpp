// SPDX-License-Identifier: Apache-2.0
// Validation: the best weights are kept, patience ends a run, and a run that was stopped comes to the same bits.
#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/array.hpp"
#include "chronograd/train.hpp"
#include "folder.hpp"
#include "training/score.hpp"
#include "training_refusal.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

/// Rows of eight steps with a constant input whose target is `target`, a little different in each row.
std::string write_rows(const Folder& folder, const std::string& name, int rows, double target) {
  std::vector<double> x, y;
  for (int i = 0; i < rows * 8; ++i) {
    x.push_back(1 + 0.01 * (i / 8));
    y.push_back(target + 0.01 * (i % 3));
  }
  const auto B = static_cast<std::size_t>(rows);
  const std::string path = (folder / name).string();
  write_npz(path, {{"x", Array::of({B, 8, 1}, x)}, {"y", Array::of({B, 8, 1}, y)}});
  return path;
}

/// Training leads outputs from about 0 towards 1; the rows to validate on want 0.5: better, then worse.
Config config(const Folder& folder, std::vector<std::string> changes = {}) {
  changes.insert(changes.begin(), {"data.train=" + write_rows(folder, "train.npz", 16, 1),
                                   "data.validation=" + write_rows(folder, "validation.npz", 3, 0.5),
                                   "data.test=" + write_rows(folder, "test.npz", 3, 1)});
  return Config::parse(
      "[model]\ncell='leaky'\nhidden=5\n[loss]\nname='mse'\n[rule]\nname='rflo'\nfeedback='random'\n[update]\nevery=8\n"
      "[optimizer]\nname='adam'\nlr=0.01\n[train]\nupdates=60\nbatch=8\nreport_every=2\nshuffle=true\n"
      "checkpoint_every=1\n",
      "test", changes);
}

struct Trace {
  RunResult result;
  std::vector<Metrics> lines;
  std::vector<std::string> notes;
};

/// Runs to the end, or until it has done `stop` updates: intervals are so long that it is asked at each.
void go(const Config& config, const std::string& folder, Trace& trace, std::int64_t stop = -1) {
  const auto task = make_task(config);
  RunOptions options;
  options.checkpoint = folder;
  options.resume = !folder.empty();
  Watcher watcher;
  watcher.lines = std::move(trace.lines);
  if (stop >= 0) watcher.goes_on = [stop](const Position& position) { return position.update < stop; };
  options.observer = &watcher;
  trace.result = train(config, *task, options);
  trace.lines = std::move(watcher.lines);
  trace.notes.insert(trace.notes.end(), watcher.remarks.begin(), watcher.remarks.end());
}

Trace whole(const Config& config) {
  Trace trace;
  go(config, "", trace);
  return trace;
}

void expect_same(const Trace& found, const Trace& expected) {
  EXPECT_EQ(found.result.status, expected.result.status);
  EXPECT_EQ(found.result.updates, expected.result.updates);
  EXPECT_EQ(found.result.test.loss, expected.result.test.loss);
  ASSERT_TRUE(found.result.validation.has_value());
  EXPECT_EQ(found.result.validation->update, expected.result.validation->update);
  EXPECT_EQ(found.result.validation->score.loss, expected.result.validation->score.loss);
  EXPECT_EQ(found.result.validation->patience_ended, expected.result.validation->patience_ended);
  for (const auto& [name, array] : expected.result.parameters)
    EXPECT_EQ(found.result.parameters.at(name).f32, array.f32) << name;
  ASSERT_EQ(found.lines.size(), expected.lines.size());
  for (std::size_t i = 0; i < found.lines.size(); ++i) {
    EXPECT_EQ(found.lines[i].update, expected.lines[i].update);
    EXPECT_THAT(found.lines[i].validation.loss, testing::NanSensitiveDoubleEq(expected.lines[i].validation.loss));
  }
}

TEST(Validation, KeepsTheBestWeights) {
  const Folder folder;
  const Trace trace = whole(config(folder));
  const Validation& best = trace.result.validation.value();
  ASSERT_GT(best.update, 2);
  ASSERT_LT(best.update, 50) << "training leads past the best weights";
  EXPECT_EQ(trace.result.updates, 60) << "without patience the run goes on";
  EXPECT_FALSE(best.patience_ended);
  ASSERT_EQ(trace.lines.size(), 30U);
  for (const Metrics& line : trace.lines) {
    EXPECT_GE(line.validation.loss, best.score.loss);
    EXPECT_EQ(line.validation.loss == best.score.loss, line.update == best.update);
  }
  // They are the weights of a run that ends there, to the bit, and the test is theirs.
  const Trace shorter = whole(config(folder, {"train.updates=" + std::to_string(best.update), "data.validation=0",
                                              "data.test=" + (folder / "test.npz").string()}));
  for (const auto& [name, array] : shorter.result.parameters)
    EXPECT_EQ(trace.result.parameters.at(name).f32, array.f32) << name;
  EXPECT_EQ(trace.result.test.loss, shorter.result.test.loss);
  EXPECT_FALSE(shorter.result.validation.has_value());
}

TEST(Validation, PatienceEndsTheRun) {
  const Folder folder;
  const std::int64_t best = whole(config(folder)).result.validation->update;
  for (const int patience : {1, 3}) {
    const Trace trace = whole(config(folder, {"train.patience=" + std::to_string(patience)}));
    EXPECT_EQ(trace.result.status, RunResult::Status::done);
    EXPECT_EQ(trace.result.validation->update, best);
    EXPECT_EQ(trace.result.updates, best + 2 * patience);
    EXPECT_TRUE(trace.result.validation->patience_ended);
    EXPECT_TRUE(std::isfinite(trace.result.train.loss));
    ASSERT_FALSE(trace.notes.empty());
    EXPECT_THAT(trace.notes.back(), HasSubstr("[train.patience] "));
    EXPECT_THAT(trace.notes.back(), HasSubstr("update " + std::to_string(best)));
  }
}

TEST(Validation, HasADistanceOfItsOwn) {
  const Folder folder;
  const Trace trace = whole(config(folder, {"train.validate_every=25", "train.report_every=40"}));
  std::vector<std::int64_t> validated;
  for (const Metrics& line : trace.lines)
    if (std::isfinite(line.validation.loss)) validated.push_back(line.update);
  EXPECT_THAT(validated, testing::ElementsAre(25, 50, 60)) << "the last weights are judged too";
}

// Wherever a run is stopped, and also if it is stopped at every update.
TEST(Validation, GoesOnToTheSameBits) {
  const Folder data;
  const Config patient = config(data, {"train.patience=3"}), plain = config(data);
  for (const Config& each : {patient, plain}) {
    const Trace expected = whole(each);
    const std::int64_t best = expected.result.validation->update;
    for (const std::int64_t stop : {std::int64_t{1}, best - 1, best, best + 1, best + 5, best + 6}) {
      const Folder folder;
      std::filesystem::create_directories(folder / "c");
      Trace trace;
      go(each, (folder / "c").string(), trace, stop);
      go(each, (folder / "c").string(), trace);
      expect_same(trace, expected);
    }
    const Folder folder;
    std::filesystem::create_directories(folder / "c");
    Trace trace;
    for (std::int64_t stop = 1; stop < expected.result.updates; ++stop) go(each, (folder / "c").string(), trace, stop);
    go(each, (folder / "c").string(), trace);
    expect_same(trace, expected);
    go(each, (folder / "c").string(), trace);  // from the checkpoint at its end
    expect_same(trace, expected);
  }
}

TEST(Validation, OfATaskDrawsRows) {
  const Config task = Config::parse(
      "[model]\ncell='leaky'\nhidden=8\n[loss]\nname='cross_entropy'\n[rule]\nname='rtrl'\n[update]\nevery=1\n"
      "[optimizer]\nlr=0.05\n[task]\nname='add'\nvalidation=0.1\n[train]\nupdates=500\ntest_steps=500\n",
      "test");
  const Trace trace = whole(task);
  EXPECT_GT(trace.result.validation->update, 0);
  EXPECT_LT(trace.result.validation->score.loss, 0.7);
  EXPECT_NE(trace.result.validation->score.loss, trace.result.test.loss);
  const Trace without = whole(task.with({"task.validation=0"}));
  ASSERT_EQ(trace.lines.size(), without.lines.size());
  for (std::size_t i = 0; i < trace.lines.size(); ++i)
    EXPECT_EQ(trace.lines[i].loss, without.lines[i].loss) << "it changes no bit of what is trained";
}

TEST(Validation, RefusesWhatItCannotDo) {
  const Folder folder;
  EXPECT_THAT(refusal(config(folder, {"data.validation=0", "train.patience=3"})),
              HasSubstr("[train.patience] got 3 without rows to validate on"));
  EXPECT_THAT(refusal(config(folder, {"data.validation=0", "train.validate_every=3"})),
              HasSubstr("[train.validate_every] got 3 without rows"));
  EXPECT_THAT(refusal(config(folder, {"data.validation=0.05"})), HasSubstr("got 0.05 of 16 rows"));
  EXPECT_THAT(refusal(config(folder, {"data.validation=none.npz"})), HasSubstr("none.npz"));
  EXPECT_EQ(refusal(config(folder, {"data.validation=0.2", "train.patience=3"})), "nothing was refused");
  const std::string empty = (folder / "empty.npz").string(), wide = (folder / "wide.npz").string();
  write_npz(empty, {{"x", Array::of({1, 2, 1}, std::vector<double>(2, 1.0))},
                    {"y", Array::of({1, 2, 1}, std::vector<double>(2, 1.0))},
                    {"mask", Array::of({1, 2}, std::vector<double>(2, 0.0))}});
  write_npz(wide, {{"x", Array::of({1, 2, 2}, std::vector<double>(4, 1.0))},
                   {"y", Array::of({1, 2, 1}, std::vector<double>(2, 1.0))}});
  EXPECT_THAT(refusal(config(folder, {"data.validation=" + empty})), HasSubstr("to validate on counts"));
  EXPECT_THAT(refusal(config(folder, {"data.validation=" + wide})), HasSubstr("got 2 inputs and 1 outputs"));
}

}  // namespace
}  // namespace chronograd
