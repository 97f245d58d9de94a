// SPDX-License-Identifier: Apache-2.0
// train() with a folder for checkpoints: every rule and cell goes on to the same bits, and what cannot be gone on with
// is refused.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "chronograd/error.hpp"
#include "cli/run_program.hpp"
#include "conformance/rule_pair.hpp"
#include "resume/trace.hpp"
#include "training/checkpoint.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

Config config(const std::vector<std::string>& changes) {
  return Config::parse(
      "[model]\ncell='leaky'\nhidden=5\n[loss]\nname='cross_entropy'\n[rule]\nname='rtrl'\n[update]\nevery=32\n"
      "[optimizer]\nname='adam'\nlr=0.01\n[task]\nname='add'\n[train]\nupdates=60\nbatch=2\nreport_every=7\n"
      "test_every=20\ntest_steps=50\ncheckpoint_every=4\n",
      "test", changes);
}

class Resume : public testing::TestWithParam<conformance::RulePair> {};

TEST_P(Resume, GoesOnToTheSameBits) {
  if (conformance::has_third_factor(*GetParam().rule))
    GTEST_SKIP() << "the task has no third factor; tools/kill_runs.py goes on with data that have one";
  const std::string cell = GetParam().cell->entry.name, rule = GetParam().rule->entry.name;
  const bool row = GetParam().rule->segments == Segments::row;
  for (const std::string kind : {"stream", "rows"}) {
    if (row && kind == "stream") continue;
    std::vector<std::string> changes = {"model.cell=" + cell, "rule.name=" + rule, "train.checkpoint_every=20"};
    // The adaptation of a spiking unit is as large as its spikes are many: a model that reads it needs a small rate.
    for (const std::string rate : {"sg_lr", "J_lr"})
      if (cell == "alif" && has_option(GetParam().rule->entry, rate)) changes.push_back("rule." + rate + "=1e-6");
    if (kind == "rows") changes.insert(changes.end(), {"update.every=trial", "task.length=8", "train.batch=8"});
    // Rows of few streams at a time, in turns.
    if (kind == "rows" && GetParam().rule->at_once)
      changes.insert(changes.end(), {"train.batch=16", "train.memory=0.02"});
    const Config c = config(changes);
    const Trace expected = whole(c);
    const Folder folder;
    Trace found;
    for (const std::int64_t stop : {1, 13, 21, 22, 47}) {
      go(c, (folder / "").string(), found, stop);
      ASSERT_EQ(found.result.status, RunResult::Status::stopped);
      ASSERT_EQ(found.result.updates, stop);
    }
    go(c, (folder / "").string(), found);
    expect_same(found, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, Resume, testing::ValuesIn(conformance::rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

/// Kinds of run, stopped three times each.
TEST(Checkpoint, HoldsAllThatARunHas) {
  const std::vector<std::string> kinds[] = {
      {"model.noise=0.3", "update.every=1", "train.batch=64"},
      {"rule.name=rflo", "rule.feedback=adaptive", "watch.rules=rtrl,uoro,dni,snap(n=1)", "watch.every=2"},
      // Gradients that wait for those of a rule that lags: at all three stops, and in the middle of a row.
      {"update.every=1", "watch.rules=rflo,f_bptt(L=6),f_bptt(L=3)", "watch.every=2", "train.batch=64"},
      {"update.every=1", "task.length=9", "watch.rules=f_bptt(L=4)", "watch.every=1", "train.batch=64"},
      {"update.every=trial", "task.length=9", "train.batch=8", "rule.name=bptt", "watch.rules=dni,rtrl,uoro",
       "watch.every=3"},
      {"train.batch=70", "threads=2", "rule.name=uoro"},
      {"optimizer.name=momentum", "optimizer.schedule=cosine", "optimizer.warmup=10", "dtype=float64"},
      {"optimizer.name=rmsprop", "optimizer.l2=0.1", "optimizer.clip=0.1", "model.density=0.5", "model.dale=0.5"},
      {"rule.name=dni", "train.checkpoint_every=0"},
      {"model.layers=2", "model.cell=lstm", "rule.name=rflo"},
      // In the middle of a row: units that cannot fire yet, and a filter that has not forgotten.
      {"model.cell=alif", "model.n_ref=5", "model.beta=0.1", "readout.tau_out=10", "rule.name=eprop", "update.every=3",
       "task.length=64", "train.batch=24"},
      {"model.cell=alif", "model.n_ref=4", "model.reset_at=step", "readout.tau_out=10", "rule.name=snap",
       "update.every=1", "train.batch=64"},
      {"model.cell=gru", "rule.name=snap", "rule.reach=7", "rule.reach_by=interval", "update.every=3",
       "rule.whiten=0.1", "optimizer.name=row", "optimizer.schedule=inverse_sqrt", "optimizer.horizon=9",
       "train.average=0.3", "train.batch=24"},
      {"rule.name=rtrl", "update.every=1", "train.batch=64", "rule.whiten=0.1", "train.average=0.1"},
      {"train.average=0.2", "train.batch=70", "threads=2"},
  };
  for (const auto& kind : kinds) {
    const Config c = config(kind);
    const Trace expected = whole(c);
    const Folder folder;
    Trace found;
    for (const std::int64_t stop : {10, 31, 59}) go(c, (folder / "").string(), found, stop);
    EXPECT_EQ(found.result.updates, 59);
    go(c, (folder / "").string(), found);
    expect_same(found, expected);
  }
}

TEST(Checkpoint, OfADivergedRunIsTheLastGoodOne) {
  const Config c = config(
      {"model.activation=relu", "loss.name=mse", "optimizer.name=sgd", "optimizer.lr=0.07", "train.updates=1000"});
  const Trace expected = whole(c);
  ASSERT_EQ(expected.result.status, RunResult::Status::diverged);
  ASSERT_GT(expected.result.updates, 8);
  const Folder folder;
  Trace found;
  go(c, (folder / "").string(), found, 6);
  go(c, (folder / "").string(), found);
  expect_same(found, expected);
  const auto last = Checkpoints((folder / "").string()).newest(Observer::or_none(nullptr));
  ASSERT_TRUE(last);
  for (const auto& [name, array] : last->arrays)
    if (name.starts_with("shard") || name == "theta") {
      for (std::size_t i = 0; i < array.size(); ++i) EXPECT_TRUE(std::isfinite(array.at(i))) << name;
    }
}

std::vector<std::string> files(const Folder& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "")) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Checkpoint, KeepsTwoAndFallsBack) {
  const Config c = config({});
  const Trace expected = whole(c);
  const Folder folder;
  Trace found;
  go(c, (folder / "").string(), found, 30);
  EXPECT_THAT(files(folder), testing::ElementsAre("update-28.npz", "update-30.npz"));
  for (const std::int64_t size : {1000, 1, 0}) {
    std::filesystem::resize_file(folder / "update-30.npz", static_cast<std::uintmax_t>(size));
    found.notes.clear();
    go(c, (folder / "").string(), found, 30);
    ASSERT_EQ(found.notes.size(), 1U) << size;
    EXPECT_THAT(found.notes[0], HasSubstr("update-30.npz"));
  }
  // A byte that has changed is found by the archive's checksum.
  {
    std::fstream file(folder / "update-30.npz", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(folder / "update-30.npz") / 2));
    file.put('#');
  }
  // With none that can be read a run begins anew.
  std::filesystem::resize_file(folder / "update-28.npz", 10);
  found.notes.clear();
  go(c, (folder / "").string(), found);
  EXPECT_EQ(found.notes.size(), 2U);
  expect_same(found, expected);
  EXPECT_THAT(files(folder), testing::ElementsAre("update-56.npz", "update-60.npz"));
}

std::string refusal(const Config& c, const Folder& folder) {
  try {
    Trace trace;
    trace.lines.resize(10);  // more than were reported
    go(c, (folder / "").string(), trace);
  } catch (const Error& error) {
    return error.what();
  }
  return "(none)";
}

TEST(Checkpoint, OfAnotherRunIsRefused) {
  const Folder folder;
  Trace trace;
  go(config({}), (folder / "").string(), trace, 8);
  const auto message = [&](const std::vector<std::string>& changes) { return refusal(config(changes), folder); };
  EXPECT_THAT(message({"optimizer.lr=0.02"}), HasSubstr("got optimizer.lr = 0.02, the run was begun with 0.01."));
  EXPECT_THAT(message({"rule.name=rflo"}), HasSubstr("got rule.name = \"rflo\", the run was begun with \"rtrl\"."));
  EXPECT_THAT(message({"dtype=float64"}), HasSubstr("got dtype = \"float64\""));
  EXPECT_THAT(message({"train.updates=70"}), HasSubstr("got train.updates = 70, the run was begun with 60."));
  EXPECT_THAT(message({"model.activation=relu"}), HasSubstr("model.activation"));
  EXPECT_THAT(message({"task.length=30"}), HasSubstr("task.length"));

  const auto tampered = [&](const std::string& name, const Array& array) {
    const Checkpoints::Found found = *Checkpoints((folder / "").string()).newest(Observer::or_none(nullptr));
    Arrays arrays = found.arrays;
    if (array.shape == std::vector<std::size_t>{99})
      arrays.erase(name);
    else
      arrays[name] = array;
    write_npz(found.path, arrays);
    const std::string text = refusal(config({}), folder);
    write_npz(found.path, found.arrays);
    return text;
  };
  const Array one = Array::of({}, std::vector<std::int64_t>{77}), gone = Array::of({99}, std::vector<float>(99));
  EXPECT_THAT(tampered("format", one), HasSubstr("got a checkpoint of format 77, allowed is format 3."));
  EXPECT_THAT(tampered("format", gone), HasSubstr("got no checkpoint"));
  EXPECT_THAT(tampered("plan/rows", one), HasSubstr("got another rows"));
  EXPECT_THAT(tampered("theta", Array::of({3}, std::vector<float>(3))), HasSubstr("got 3 numbers of float32"));
  EXPECT_THAT(tampered("theta", Array::of({3}, std::vector<double>(3))), HasSubstr("of float64"));
  EXPECT_THAT(tampered("theta", gone), HasSubstr("got no array theta."));
  EXPECT_THAT(tampered("surplus", one), HasSubstr("got an array surplus too many."));
  EXPECT_THAT(tampered("program", gone), HasSubstr("this is no checkpoint"));
  EXPECT_THAT(tampered("program", one), HasSubstr("no record of settings"));
  const std::string old = "{\"version\":\"0.0.1\",\"compiler\":\"x\",\"instruction_set\":\"y\",\"products\":\"z\"}";
  const Array program = Array::of({old.size()}, std::vector<std::int64_t>(old.begin(), old.end()));
  EXPECT_THAT(tampered("program", program), HasSubstr("the run was begun with \"x\""));
  EXPECT_EQ(refusal(config({"threads=3", "train.checkpoint_every=9"}), folder), "(none)");  // these may change
}

}  // namespace
}  // namespace chronograd
