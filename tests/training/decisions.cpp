// SPDX-License-Identifier: Apache-2.0
// readout.decide: what answers, held against answers that are worked out again from the outputs of every step.
#include "training/decisions.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "chronograd/compare.hpp"
#include "chronograd/evaluate.hpp"
#include "chronograd/train.hpp"
#include "folder.hpp"
#include "training_refusal.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

using testing::HasSubstr;

constexpr std::size_t rows = 5, steps = 9, classes = 3;

struct Rows {
  std::string path;
  std::vector<std::int64_t> y;
  std::vector<double> mask;
  std::vector<std::uint8_t> reset;
};

/// Rows of several lengths with steps of weights 0, 1/2, 1 and 2, whose class changes in the row, and resets: one
/// before any step with a mask, some between such steps, one after the last of them, and two at once.
Rows write_rows(const Folder& folder) {
  Rows data{(folder / "rows.npz").string(), {}, {}, std::vector<std::uint8_t>(rows * steps)};
  const std::size_t lengths[rows] = {9, 6, 9, 2, 7};
  std::vector<double> x;
  for (std::size_t b = 0; b < rows; ++b)
    for (std::size_t t = 0; t < steps; ++t) {
      x.insert(x.end(),
               {std::sin(1.7 * static_cast<double>(t * 5 + b)), std::cos(0.9 * static_cast<double>(t + 3 * b))});
      data.y.push_back(static_cast<std::int64_t>((b + t / 4) % classes));
      const double weights[] = {1, 0.5, 0, 2};
      data.mask.push_back(t < lengths[b] ? weights[(t + b) % 4] : 0);
    }
  for (const auto& [b, t] : {std::pair{0, 4}, {0, 5}, {1, 5}, {2, 2}, {2, 7}, {4, 6}, {4, 7}})
    data.reset[static_cast<std::size_t>(b) * steps + static_cast<std::size_t>(t)] = 1;
  const Array resets = Array::of({rows, steps}, std::vector<std::int64_t>(data.reset.begin(), data.reset.end()));
  write_npz(data.path, {{"x", Array::of({rows, steps, 2}, x)},
                        {"y", Array::of({rows, steps}, data.y)},
                        {"mask", Array::of({rows, steps}, data.mask)},
                        {"reset", resets}});
  return data;
}

Config config(const Rows& data, std::vector<std::string> changes) {
  changes.insert(changes.begin(),
                 {"data.train=" + data.path, "data.test=" + data.path, "data.validation=" + data.path});
  return Config::parse(
      "dtype='float64'\n[model]\ncell='gru'\nhidden=4\n[loss]\nname='cross_entropy'\n[rule]\nname='rtrl'\n[update]\n"
      "every=1\n[optimizer]\nlr=0\n[train]\nepochs=1\nshuffle=false\n",
      "test", changes);
}

/// target * classes + answer -> weight.
using Answers = std::map<std::size_t, double>;

std::size_t largest(const std::vector<double>& values) {
  std::size_t at = 0;
  for (std::size_t j = 1; j < values.size(); ++j)
    if (values[j] > values[at]) at = j;
  return at;
}

/// Worked out from probabilities y (B,T,m), part by part: log y is the output before the softmax but for a number that
/// all classes of a step share.
Answers worked_out(const Rows& data, const std::vector<double>& y, const std::string& decide) {
  Answers answers;
  for (std::size_t b = 0; b < rows; ++b)
    for (std::size_t first = 0; first < steps;) {
      std::size_t end = first + 1;
      while (decide != "step" && end < steps && data.reset[b * steps + end] == 0) ++end;
      std::vector<double> sum(classes);
      double mass = 0;
      std::int64_t target = -1;
      for (std::size_t t = first; t < end; ++t) {
        const double w = data.mask[b * steps + t];
        if (w == 0) continue;
        for (std::size_t j = 0; j < classes; ++j) {
          const double p = y[(b * steps + t) * classes + j];
          sum[j] += w * (decide == "mean_output" ? std::log(p) : p);
        }
        mass += w;
        target = data.y[b * steps + t];
      }
      if (mass > 0) answers[static_cast<std::size_t>(target) * classes + largest(sum)] += decide == "step" ? mass : 1;
      first = end;
    }
  return answers;
}

double share_right(const Answers& answers) {
  double right = 0, all = 0;
  for (const auto& [place, weight] : answers) {
    all += weight;
    if (place / classes == place % classes) right += weight;
  }
  return right / all;
}

std::vector<double> confusion_of(const Answers& answers) {
  std::vector<double> matrix(classes * classes);
  for (const auto& [place, weight] : answers) matrix[place] = weight;
  return matrix;
}

std::vector<std::string> seeded(int seed, const std::string& decide) {
  return {"seed=" + std::to_string(seed), "readout.decide=" + decide};
}

TEST(Decisions, AreThoseThatAreWorkedOutFromTheOutputs) {
  const Folder folder;
  const Rows data = write_rows(folder);
  std::map<std::string, std::vector<double>> shares;
  for (const std::string decide : {"step", "mean_output", "sum_softmax"})
    for (int seed = 0; seed < 12; ++seed) {
      SCOPED_TRACE(decide + " seed " + std::to_string(seed));
      std::vector<std::string> changes = seeded(seed, decide);
      const auto with = [&](const std::vector<std::string>& more) {
        std::vector<std::string> all = changes;
        all.insert(all.end(), more.begin(), more.end());
        return config(data, all);
      };
      // Trained for three rounds, so that outputs differ from step to step; then frozen.
      const Config taught = with({"optimizer.lr=2", "train.epochs=3"});
      const RunResult run = train(taught, *make_task(taught));
      Arrays outputs;
      Measures measures;
      const Config frozen = with({});
      const auto task = make_task(frozen);
      const Score score = evaluate(frozen, *task, Split::test, run.parameters, "p", &measures, &outputs);
      const Answers answers = worked_out(data, outputs.at("y").f64, decide);
      const double expected = share_right(answers);
      EXPECT_NEAR(score.accuracy, expected, 1e-12);
      EXPECT_EQ(measures.confusion, confusion_of(answers));
      EXPECT_NEAR(run.test.accuracy, expected, 1e-12);
      EXPECT_NEAR(run.validation->score.accuracy, expected, 1e-12);
      shares[decide].push_back(expected);
      ComparisonOptions alone;
      alone.parameters = &run.parameters;
      alone.alignment = alone.times = false;
      const Comparison compared =
          compare(frozen, parse_methods("rules", {"rtrl"}), {static_cast<std::uint64_t>(seed)}, alone);
      EXPECT_NEAR(compared.rows[0].accuracy.mean, expected, 1e-12);
      // The accuracy of training, whatever the segments and the shards are.
      for (const std::vector<std::string>& cut :
           std::vector<std::vector<std::string>>{{"update.every=1"},
                                                 {"update.every=3"},
                                                 {"update.every=trial", "rule.name=bptt"},
                                                 {"update.every=4", "train.batch=2"},
                                                 {"update.every=trial", "train.batch=1"},
                                                 {"update.every=9", "train.memory=0.005"}}) {
        RunOptions options;
        options.parameters = &run.parameters;
        const Config one = with(cut);
        const RunResult again = train(one, *make_task(one), options);
        EXPECT_NEAR(again.train.accuracy, expected, 1e-12) << cut[0];
        EXPECT_NEAR(again.test.accuracy, expected, 1e-12) << cut[0];
        EXPECT_EQ(again.test_measures.confusion, measures.confusion);
      }
    }
  EXPECT_NE(shares["step"], shares["mean_output"]);
  EXPECT_NE(shares["mean_output"], shares["sum_softmax"]) << "the two must be told apart by some seed";
}

TEST(Decisions, ChangeNothingThatIsLearnt) {
  const Folder folder;
  const Rows data = write_rows(folder);
  const auto parameters = [&](const std::string& decide) {
    const Config c = config(data, {"readout.decide=" + decide, "optimizer.lr=0.1", "train.epochs=2"});
    return train(c, *make_task(c)).parameters;
  };
  EXPECT_EQ(parameters("mean_output").at("W_out").f64, parameters("step").at("W_out").f64);
}

/// A mean output has one loss a row, at one step: all three ways answer there.
TEST(Decisions, AreOneWhereTheReadoutIsAMean) {
  const Folder folder;
  const Rows data = write_rows(folder);
  std::vector<Measures> found;
  for (const std::string decide : {"step", "mean_output", "sum_softmax"}) {
    const Config c =
        config(data, {"readout.decide=" + decide, "readout.average=true", "optimizer.lr=0.5", "train.epochs=2"});
    found.push_back(train(c, *make_task(c)).test_measures);
    double all = 0;
    for (const double weight : found.back().confusion) all += weight;
    EXPECT_EQ(all, rows);
    EXPECT_EQ(found.back().confusion, found.front().confusion) << decide;
  }
}

/// Stopped after 21, 42 and 63 updates (a run is asked every 64 steps of its streams), of which the first two are amid
/// rows.
TEST(Decisions, GoOnAmidARow) {
  const Folder folder;
  const Rows data = write_rows(folder);
  const Config c = config(data, {"readout.decide=sum_softmax", "optimizer.lr=0.5", "train.epochs=4", "train.batch=3",
                                 "train.report_every=1", "update.every=1"});
  const auto task = make_task(c);
  const auto lines = [&](const std::vector<std::int64_t>& stops) {
    const Folder run;
    std::vector<Metrics> all;
    RunOptions options;
    options.checkpoint = (run / "").string();
    options.resume = true;
    for (const std::int64_t stop : stops) {
      Watcher watcher;
      watcher.lines = std::move(all);
      watcher.goes_on = [stop](const Position& position) { return position.update < stop; };
      options.observer = &watcher;
      train(c, *task, options);
      all = std::move(watcher.lines);
    }
    return all;
  };
  const std::vector<Metrics> expected = lines({1000}), found = lines({1, 22, 43, 1000});
  ASSERT_EQ(found.size(), expected.size());
  int answered = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_THAT(found[i].accuracy, testing::NanSensitiveDoubleEq(expected[i].accuracy)) << i;
    if (std::isfinite(expected[i].accuracy)) ++answered;
  }
  EXPECT_GT(answered, 8) << "at the ends of rows, and at resets";
  EXPECT_LT(answered, static_cast<int>(found.size())) << "none at other steps";
}

TEST(Decisions, AreRefusedWhereTheyHaveNoMeaning) {
  const Folder folder;
  const Rows data = write_rows(folder);
  EXPECT_THAT(refusal(config(data, {"readout.decide=sum_softmax", "readout.activation=sigmoid"})),
              HasSubstr("[readout.decide] got sum_softmax with outputs that are sigmoid"));
  const auto of_task = [](const std::string& task, const std::string& loss) {
    return Config::parse("[model]\ncell='leaky'\nhidden=4\n[loss]\nname='" + loss +
                             "'\n[readout]\ndecide='mean_output'\n[rule]\nname='rtrl'\n[update]\nevery=1\n[task]\n" +
                             "name='" + task + "'\n[train]\nupdates=5\n",
                         "test", {});
  };
  EXPECT_THAT(refusal(of_task("sine", "mse")), HasSubstr("with targets that are numbers, allowed is step"));
  EXPECT_THAT(refusal(of_task("anbn", "cross_entropy")),
              HasSubstr("on an endless stream, allowed are tasks with rows"));
}

}  // namespace
}  // namespace chronograd
