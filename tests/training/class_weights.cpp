// SPDX-License-Identifier: Apache-2.0
// loss.class_weights: a mask of the objective, and nothing else.
#include "training/class_weights.hpp"

#include <gmock/gmock.h>

#include "chronograd/error.hpp"
#include "chronograd/gradient.hpp"
#include "chronograd/train.hpp"
#include "folder.hpp"
#include "training_refusal.hpp"

namespace chronograd {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<double> factors = {0.5, 2, 0.25};

/// 4 streams of 6 steps in 3 classes; the mask is 1, but 0 at each fifth step and 1.5 at each seventh, times `factor`
/// of the step's class.
std::string write_rows(const Folder& folder, const std::string& name, const std::vector<double>& factor) {
  std::vector<double> x, mask;
  std::vector<std::int64_t> y;
  for (int i = 0; i < 24; ++i) {
    x.insert(x.end(), {i % 5 * 0.3 - 0.5, i % 7 * 0.2});
    y.push_back(i % 4 == 3 ? 1 : i % 3);
    mask.push_back((i % 5 == 0 ? 0 : i % 7 == 0 ? 1.5 : 1) * factor[static_cast<std::size_t>(y.back())]);
  }
  const std::string path = (folder / name).string();
  write_npz(path, {{"x", Array::of({4, 6, 2}, x)}, {"y", Array::of({4, 6}, y)}, {"mask", Array::of({4, 6}, mask)}});
  return path;
}

Config config(const std::string& data, std::vector<std::string> changes) {
  changes.insert(changes.begin(), "data.train=" + data);
  return Config::parse(
      "[model]\ncell='leaky'\nhidden=5\nalpha=0.6\n[loss]\nname='cross_entropy'\n[rule]\nname='rtrl'\n[update]\n"
      "every=2\n[optimizer]\nlr=0.1\n[train]\nepochs=3\n",
      "test", changes);
}

RunResult run(const Config& config) {
  return train(config, *make_task(config));
}

constexpr const char* listed = "loss.class_weights=[0.5, 2, 0.25]";

TEST(ClassWeights, AreAMaskToTheBit) {
  const Folder folder;
  const std::string plain = write_rows(folder, "plain.npz", {1, 1, 1}), masked = write_rows(folder, "m.npz", factors);
  for (const std::vector<std::string>& changes : std::vector<std::vector<std::string>>{
           {},
           {"rule.name=uoro"},
           {"rule.name=rflo", "rule.feedback=random", "dtype=float64"},
           {"rule.name=dni", "model.cell=gru", "dtype=float64"},
           {"rule.name=bptt", "update.every=trial", "loss.normalize=sum", "dtype=float64"}}) {
    std::vector<std::string> weighted = changes;
    weighted.emplace_back(listed);
    const Arrays expected = run(config(masked, changes)).parameters, got = run(config(plain, weighted)).parameters,
                 without = run(config(plain, changes)).parameters;
    bool differs = false;
    for (const auto& [name, array] : expected) {
      EXPECT_EQ(got.at(name).f32, array.f32) << name;
      EXPECT_EQ(got.at(name).f64, array.f64) << name;
      differs = differs || without.at(name).f32 != array.f32 || without.at(name).f64 != array.f64;
    }
    EXPECT_TRUE(differs);
  }
}

TEST(ClassWeights, BelongToTheGradient) {
  const Folder folder;
  const std::string plain = write_rows(folder, "plain.npz", {1, 1, 1}), masked = write_rows(folder, "m.npz", factors);
  const Config explicit_mask = config(masked, {"dtype=float64"}), weighted = config(plain, {"dtype=float64", listed});
  const Arrays parameters = run(explicit_mask).parameters;
  const Arrays expected = gradient(explicit_mask, *make_task(explicit_mask), parameters, "p"),
               got = gradient(weighted, *make_task(weighted), parameters, "p");
  EXPECT_EQ(got.at("W_rec").f64, expected.at("W_rec").f64);
  EXPECT_EQ(got.at("loss").f64, expected.at("loss").f64);
}

// Where the mean over a row divides by the row's mask, a factor that stood in the mask would cancel.
TEST(ClassWeights, DoNotCancelInTheMeanOverARow) {
  const Folder folder;
  const std::string plain = write_rows(folder, "plain.npz", {1, 1, 1});
  const std::vector<std::string> trial = {"rule.name=bptt", "update.every=trial",           "dtype=float64",
                                          "train.epochs=1", "loss.class_weights=[2, 2, 2]", "optimizer.lr=0.1"};
  std::vector<std::string> twice = trial;
  twice[4] = "loss.class_weights=[1, 1, 1]";
  twice[5] = "optimizer.lr=0.2";
  const Arrays weighted = run(config(plain, trial)).parameters, faster = run(config(plain, twice)).parameters;
  for (std::size_t i = 0; i < 25; ++i) EXPECT_NEAR(weighted.at("W_rec").f64[i], faster.at("W_rec").f64[i], 1e-14);
}

TEST(ClassWeights, LeaveTheReportedLossAsItIs) {
  const Folder folder;
  const std::string plain = write_rows(folder, "plain.npz", {1, 1, 1});
  const RunResult with = run(config(plain, {"optimizer.lr=0", listed})),
                  without = run(config(plain, {"optimizer.lr=0"}));
  EXPECT_EQ(with.train.loss, without.train.loss);
  EXPECT_EQ(with.train.accuracy, without.train.accuracy);
}

TEST(ClassWeights, BalancedCountsTheStepsThatCount) {
  const Folder folder;
  const std::string plain = write_rows(folder, "plain.npz", {1, 0, 1});
  const Config balanced = config(plain, {"loss.class_weights=balanced"});
  const std::unique_ptr<Task> task = make_task(balanced);
  double counts[3] = {};
  std::vector<double> x(12), y(18), mask(6);
  std::vector<std::uint8_t> reset(6);
  for (int row = 0; row < 4; ++row) {
    task->read(Split::train, row, 0, 6, {x.data(), y.data(), mask.data(), reset.data()});
    for (std::size_t k = 0; k < 6; ++k)
      for (std::size_t c = 0; c < 3; ++c) counts[c] += mask[k] * y[3 * k + c];
  }
  ASSERT_NE(counts[0], counts[2]);
  ASSERT_EQ(counts[1], 0);
  const double all = counts[0] + counts[2];
  EXPECT_THAT(class_weights(LossSettings(balanced), *task),
              ElementsAre(DoubleNear(all / (2 * counts[0]), 1e-12), 0, DoubleNear(all / (2 * counts[2]), 1e-12)));
}

TEST(ClassWeights, AreRefusedWhereTheyMeanNothing) {
  const Folder folder;
  const std::string plain = write_rows(folder, "plain.npz", {1, 1, 1}), none = write_rows(folder, "n.npz", {0, 0, 0});
  EXPECT_THAT(refusal(config(plain, {"loss.class_weights=[1, 2]"})), HasSubstr("got 2 factors, allowed is one for each "
                                                                               "of the 3 classes"));
  EXPECT_THAT(refusal(config(plain, {"loss.class_weights=[0, 0, 0]"})), HasSubstr("got zeros alone"));
  EXPECT_THAT(refusal(config(none, {"loss.class_weights=balanced"})), HasSubstr("no step counts"));
  const auto task = [&](const std::vector<std::string>& changes) {
    return Config::parse(
        "[model]\ncell='leaky'\nhidden=5\n[loss]\nname='cross_entropy'\n[rule]\nname='rtrl'\n[update]\nevery=2\n"
        "[train]\nupdates=3\n",
        "test", changes);
  };
  EXPECT_THAT(refusal(task({"task.name=sine", "loss.name=mse", "loss.class_weights=[1, 1]"})),
              HasSubstr("[loss.class_weights] got weights with the loss mse and targets that are numbers"));
  EXPECT_THAT(refusal(task({"task.name=add", "loss.class_weights=[1, 1]"})), HasSubstr("allowed are classes"))
      << "distributions are no classes";
  EXPECT_THAT(refusal(task({"task.name=copy", "loss.class_weights=balanced"})), HasSubstr("draws its rows"));
  EXPECT_EQ(refusal(task({"task.name=copy", "loss.class_weights=[1, 3]"})), "nothing was refused");
  EXPECT_THROW(config(plain, {"loss.class_weights=[1, -1, 1]"}), Error);
  EXPECT_THROW(config(plain, {"loss.class_weights=balance"}), Error);
}

}  // namespace
}  // namespace chronograd
