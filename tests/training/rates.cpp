// SPDX-License-Identifier: Apache-2.0
// [regularise] in training: what is refused, rates of whole rows and batches however they are cut and shared out, nets
// that are silent.
#include <gmock/gmock.h>

#include <cmath>

#include "chronograd/gradient.hpp"
#include "chronograd/train.hpp"
#include "folder.hpp"
#include "training_refusal.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::size_t rows = 80, steps = 30;  // two shards

std::vector<double> firing_rates(const std::vector<Metrics>& lines) {
  std::vector<double> rates;
  for (const Metrics& line : lines) rates.push_back(line.firing_rate);
  return rates;
}

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

/// Spikes a unit and step of what was trained on, without padding: what a gradient of the same rows has as h.
TEST_F(RatesInTraining, OfFiringStandInTheMetrics) {
  for (const std::string layers : {"1", "2"}) {
    const std::string stack = "model.layers=" + layers;
    const auto task = make_task(config({}));
    const Arrays start = train(config({stack, "optimizer.lr=0.0", "train.epochs=1"}), *task).parameters;
    const Arrays found = gradient(config({stack}), *task, start, "test", {.states = true});
    double spikes = 0, chances = 0;
    for (const char* name : {"h", "h_l0"}) {
      if (found.count(name) == 0) continue;
      for (std::size_t b = 0; b < rows; ++b)
        for (std::size_t t = 0; t < (b >= rows - 10 ? steps / 2 : steps); ++t)
          for (std::size_t i = 0; i < 5; ++i, ++chances) spikes += found.at(name).at((b * steps + t) * 5 + i);
    }
    EXPECT_GT(spikes, 0);
    for (const std::string change : {"train.memory=32", "train.memory=0.2", "regularise.rate_cost=0", "update.every=7"})
      for (const int threads : {1, 2}) {
        Watcher watcher;
        RunOptions options;
        options.threads = threads;
        options.observer = &watcher;
        options.parameters = &start;
        std::vector<std::string> changes = {
            stack,  "optimizer.lr=0.0",           "train.batch=80",        "train.epochs=1",
            change, "regularise.average=running", "regularise.rate_tau=5", "train.report_every=100"};
        train(config(changes), *task, options);
        EXPECT_THAT(firing_rates(watcher.lines), testing::ElementsAre(spikes / chances))
            << change << ", layers " << layers;
      }
  }
  Watcher plain;
  RunOptions options;
  options.observer = &plain;
  const Config gru = Config::parse("[model]\ncell='gru'\nhidden=2\n[loss]\nname='mse'\n[rule]\nname='bptt'\n", "test",
                                   {"data.train=" + data_, "train.epochs=1"});
  train(gru, *make_task(gru), options);
  EXPECT_TRUE(std::isnan(plain.lines.at(0).firing_rate));
}

TEST_F(RatesInTraining, OfFiringGoOnAmidARow) {
  const Config c = config({"regularise.average=running", "regularise.rate_tau=5", "update.every=4", "train.batch=20",
                           "train.epochs=2", "train.report_every=5"});
  const auto task = make_task(c);
  const auto lines = [&](const std::vector<std::int64_t>& stops) {
    const Folder run;
    Watcher watcher;
    RunOptions options;
    options.checkpoint = (run / "").string();
    options.resume = true;
    options.observer = &watcher;
    for (const std::int64_t stop : stops) {
      watcher.goes_on = [stop](const Position& position) { return position.update < stop; };
      train(c, *task, options);
    }
    return firing_rates(watcher.lines);
  };
  const std::vector<double> expected = lines({1000});
  EXPECT_GT(expected.size(), 5U);
  EXPECT_THAT(expected, testing::Each(testing::Gt(0)));
  EXPECT_EQ(lines({3, 14, 1000}), expected);
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
