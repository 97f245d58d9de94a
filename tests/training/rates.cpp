// SPDX-License-Identifier: Apache-2.0
// [regularise] in training: what is refused, rates of whole rows and batches however they are cut and shared out, nets
// that are silent.
#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/gradient.hpp"
#include "chronograd/train.hpp"
#include "folder.hpp"
#include "training_refusal.hpp"

namespace chronograd {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::size_t rows = 80, steps = 30;  // two shards

class RatesInTraining : public testing::Test {
 protected:
  /// Rows of noise; of the last ten the second half is padding. `resets`: one row has a reset within it.
  std::string write_rows(const std::string& name, bool resets) const {
    std::vector<double> x, y, mask;
    std::vector<std::int64_t> reset(rows * steps);
    for (std::size_t b = 0; b < rows; ++b)
      for (std::size_t t = 0; t < steps; ++t) {
        const auto at = static_cast<double>(t + b * steps);
        x.insert(x.end(), {std::sin(1.7 * at * at), std::cos(0.9 * at * at)});
        y.push_back(std::sin(0.3 * at));
        mask.push_back(b >= rows - 10 && t >= steps / 2 ? 0 : 1);
      }
    if (resets) reset[3 * steps + 7] = 1;
    std::string path = (folder_ / name).string();
    write_npz(path, {{"x", Array::of({rows, steps, 2}, x)},
                     {"y", Array::of({rows, steps, 1}, y)},
                     {"mask", Array::of({rows, steps}, mask)},
                     {"reset", Array::of({rows, steps}, reset)}});
    return path;
  }
  Config config(std::vector<std::string> changes) const {
    changes.insert(changes.begin(), "data.train=" + data_);
    return Config::parse(
        "dtype='float64'\n[model]\ncell='alif'\nhidden=5\ntau_m=5.0\nv_th=0.3\nbeta=0.1\n[readout]\ntau_out=4.0\n[loss]"
        "\n"
        "name='mse'\n[rule]\nname='eprop'\n[regularise]\nrate_cost=3.0\nrate_target=0.1\n[optimizer]\nname='sgd'\nlr=1."
        "0\n",
        "test", changes);
  }
  /// What the first update of all rows subtracts from the weights.
  Arrays first_update(std::vector<std::string> changes, int threads = 1) const {
    changes.insert(changes.end(), {"train.batch=80", "train.epochs=1", "train.shuffle=false"});
    const Config before = config(changes);
    const auto task = make_task(before);
    RunOptions options;
    options.threads = threads;
    const Arrays after = train(before, *task, options).parameters;
    changes.emplace_back("optimizer.lr=0.0");
    Arrays moved = train(config(changes), *task, options).parameters;
    for (auto& [name, array] : moved) {
      std::vector<double> difference;
      for (std::size_t i = 0; i < array.size(); ++i) difference.push_back(array.at(i) - after.at(name).at(i));
      array = Array::of(array.shape, std::move(difference));
    }
    moved.emplace("after", after.at("W_rec"));
    return moved;
  }
  /// The gradient of all rows at once, by the same weights.
  Arrays whole_gradient(std::vector<std::string> changes) const {
    const auto task = make_task(config({}));
    changes.emplace_back("loss.normalize=mean");
    const Arrays start = train(config({"optimizer.lr=0.0", "train.epochs=1"}), *task).parameters;
    return gradient(config(std::move(changes)), *task, start, "test");
  }
  static void expect_close(const Arrays& found, const Arrays& expected, double rounding) {
    for (const char* name : {"W_rec", "W_in", "W_out", "b_y"}) {
      double most = 0, scale = 0;
      for (std::size_t i = 0; i < expected.at(name).size(); ++i) {
        most = std::max(most, std::abs(found.at(name).at(i) - expected.at(name).at(i)));
        scale = std::max(scale, std::abs(expected.at(name).at(i)));
      }
      EXPECT_GT(scale, 0) << name;
      EXPECT_LE(most, rounding * scale) << name;
    }
  }

  static std::vector<double> numbers(const Array& array) {
    std::vector<double> all;
    for (std::size_t i = 0; i < array.size(); ++i) all.push_back(array.at(i));
    return all;
  }

  Folder folder_;
  std::string data_ = write_rows("d.npz", false);
};

TEST_F(RatesInTraining, RefusesWhatDoesNotFit) {
  EXPECT_THAT(
      refusal(config({"update.every=1"})),
      AllOf(HasSubstr("[regularise.average] got \"trial\" with update.every = 1, allowed"), HasSubstr("running")));
  EXPECT_THAT(refusal(config({"update.every=3", "regularise.average=batch"})), HasSubstr("got \"batch\""));
  EXPECT_THAT(refusal(config({"regularise.rate_tau=5"})), HasSubstr("[regularise.rate_tau] got a time constant"));
  EXPECT_THAT(refusal(config({"regularise.average=filtered"})), HasSubstr("[regularise.rate_tau] is missing"));
  const std::string no_target =
      "[model]\ncell='alif'\nhidden=2\n[loss]\nname='mse'\n[rule]\nname='eprop'\n[regularise]\nrate_cost=1\n";
  EXPECT_THAT(refusal(Config::parse(no_target, "test", {"data.train=" + data_})),
              HasSubstr("[regularise.rate_target] is missing"));
  const std::string noisy =
      "[model]\ncell='leaky'\nhidden=2\nnoise=0.1\n[loss]\nname='mse'\n[rule]\nname='eprop'\n[regularise]\nrate_cost="
      "1\n"
      "rate_target=0\naverage='filtered'\nrate_tau=3\n";
  EXPECT_THAT(refusal(Config::parse(noisy, "test", {"data.train=" + data_})), HasSubstr("model.noise"));
  EXPECT_EQ(refusal(config({"update.every=1", "regularise.rate_cost=0"})), "nothing was refused");
}

TEST_F(RatesInTraining, RowsWithAResetHaveNoRate) {
  const std::string cut = "data.train=" + write_rows("r.npz", true);
  for (const char* average : {"trial", "batch"}) {
    const Config asked = config({cut, std::string("regularise.average=") + average});
    const auto task = make_task(asked);
    try {
      train(asked, *task);
      FAIL() << average;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::data);
      EXPECT_THAT(error.what(), HasSubstr("got a reset at step 7 of a row"));
    }
  }
  EXPECT_NO_THROW(
      train(config({cut, "regularise.average=running", "regularise.rate_tau=5"}), *make_task(config({cut}))));
}

/// Shards, segments and threads are no part of the result.
TEST_F(RatesInTraining, AreThoseOfRowsHoweverTheyAreCut) {
  for (const std::string average : {"trial", "batch", "running", "filtered"}) {
    SCOPED_TRACE(average);
    std::vector<std::string> changes = {"regularise.average=" + average};
    if (average == "running" || average == "filtered") changes.emplace_back("regularise.rate_tau=6");
    const Arrays whole = whole_gradient(changes);
    const Arrays update = first_update(changes);
    expect_close(update, whole, 1e-12);
    EXPECT_EQ(numbers(first_update(changes, 2).at("after")), numbers(update.at("after")));
    changes.emplace_back("train.memory=0.2");
    expect_close(first_update(changes), whole, 1e-12);
    expect_close(whole_gradient(changes), whole, 1e-12);
    changes[0] = "regularise.rate_cost=0";
    const Arrays none = whole_gradient(changes);
    double apart = 0;
    for (std::size_t i = 0; i < 25; ++i)
      apart = std::max(apart, std::abs(none.at("W_rec").at(i) - whole.at("W_rec").at(i)));
    EXPECT_GT(apart, 1e-3) << "the cost does something here";
  }
}

/// A net without spikes, and without a slope anywhere, has no gradient and no NaN.
TEST_F(RatesInTraining, SilentNetsStayFinite) {
  for (const char* rule : {"eprop", "bptt", "rtrl", "snap"}) {
    const Config silent = config({"model.v_th=1e6", "model.width=0.1", std::string("rule.name=") + rule});
    const auto task = make_task(silent);
    const Arrays start = train(config({"optimizer.lr=0.0", "train.epochs=1"}), *task).parameters;
    const Arrays found = gradient(silent, *task, start, "test");
    for (const char* name : {"W_rec", "W_in", "W_out"})
      for (std::size_t i = 0; i < found.at(name).size(); ++i)
        EXPECT_EQ(found.at(name).at(i), 0) << rule << ", " << name;
    const RunResult run = train(silent.with({"train.epochs=3", "optimizer.name=adam"}), *task);
    EXPECT_EQ(run.status, RunResult::Status::done);
    EXPECT_TRUE(std::isfinite(run.train.loss));
  }
}

}  // namespace
}  // namespace chronograd
