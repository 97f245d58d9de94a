// SPDX-License-Identifier: Apache-2.0
// NEST's losses and facts of its e-prop, through the program: the settings are those of experiments, and of
// `reproduce nest_regression` and `reproduce nest_classification`.
#include <cmath>

#include "chronograd/array.hpp"
#include "chronograd/task.hpp"
#include "entry_options.hpp"
#include "resume/run_folder.hpp"

namespace chronograd {
namespace {

const std::string experiments = CHRONOGRAD_TEST_DATA "/../experiments/";

/// What each update's line of metrics says.
std::vector<double> metrics(const std::string& key, const std::string& name, const std::string& more = "") {
  const Folder folder;
  const Outcome outcome =
      chronograd_run("train '" + experiments + name + ".toml' --quiet " + more + out_words(folder / "run"));
  EXPECT_THAT(outcome, ExitsWith(0));
  std::vector<double> all;
  std::istringstream lines(read_text(folder / "run" / "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) all.push_back(json::parse(line).at(key));
  return all;
}
std::vector<double> losses(const std::string& name, const std::string& more = "") {
  return metrics("loss", name, more);
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected, double relative) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], relative * expected[i]) << "iteration " << i;
}

/// The reference's is the sum over 1000 steps.
const std::vector<double> regression = {.101964356999041, .103466731126205, .103340607074771, .103680244037686,
                                        .104412775748752};
const std::vector<double> classification = {.741152550006, .740388187700, .665785233177, .663644193322, .729428962844};

TEST(NestLosses, Regression) {
  expect_near(losses("nest_regression"), regression, 1e-8);
  // A threshold that rounding moves a spike over ends it: none in five iterations.
  expect_near(losses("nest_regression", "dtype=float32"), regression, 5e-7);
}

TEST(NestLosses, Classification) {
  expect_near(losses("nest_classification"), classification, 1e-8);
  expect_near(losses("nest_classification", "dtype=float32"), classification, 1e-6);
}

/// A row that is cut into segments is counted before it learns.
TEST(NestLosses, RegressionInParts) {
  expect_near(losses("nest_regression", "train.memory=2"), regression, 1e-8);
}

/// The task's first row and its weights as files, and what `gradient` makes of them.
Arrays first_gradient(const std::string& name) {
  const Folder folder;
  const TaskRecord& record = find_record<TaskRecord>("task.name", name);
  const auto task = record.make(record, entry_options(record.entry, {}), 0);
  const auto T = static_cast<std::size_t>(task->length(Split::train)), n = static_cast<std::size_t>(task->inputs()),
             m = static_cast<std::size_t>(task->outputs());
  std::vector<double> x(T * n), y(T * m), mask(T);
  std::vector<std::uint8_t> reset(T);
  task->read(Split::train, 0, 0, static_cast<int>(T), {x.data(), y.data(), mask.data(), reset.data()});
  Arrays data = {{"x", Array::of({1, T, n}, x)}, {"mask", Array::of({1, T}, mask)}};
  if (task->classes()) {
    std::vector<std::int64_t> classes(T);
    for (std::size_t t = 0; t < T; ++t) classes[t] = y[m * t + 1] != 0 ? 1 : 0;
    data.emplace("y", Array::of({1, T}, classes));
  } else {
    data.emplace("y", Array::of({1, T, m}, y));
  }
  write_npz((folder / "d.npz").string(), data);
  write_npz((folder / "p.npz").string(), task->parameters());
  const auto word = [&](const char* file) { return "'" + (folder / file).string() + "'"; };
  const std::string normalize = task->classes() ? " loss.normalize=mean" : "";
  EXPECT_THAT(chronograd_run("gradient '" + experiments + name + ".toml' --data " + word("d.npz") + " --params " +
                             word("p.npz") + " --out " + word("g.npz") + normalize),
              ExitsWith(0));
  return read_npz((folder / "g.npz").string());
}

struct Sums {
  double sum = 0, norm = 0;
};
Sums sums(const Array& array) {
  Sums all;
  for (std::size_t i = 0; i < array.size(); ++i) {
    all.sum += array.at(i);
    all.norm += array.at(i) * array.at(i);
  }
  all.norm = std::sqrt(all.norm);
  return all;
}

/// To the digits given: half of the last of 11.
void expect_fact(double found, double fact) {
  EXPECT_NEAR(found, fact, 1e-10 * std::abs(fact));
}

TEST(NestFacts, OfTheFirstRegression) {
  const Arrays found = first_gradient("nest_regression");
  const Array &h = found.at("h"), &in = found.at("W_in"), &rec = found.at("W_rec"), &out = found.at("W_out");
  double most = 0, cost = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    double spikes = 0;
    for (std::size_t t = 0; t < 1000; ++t) spikes += h.at(100 * t + i);
    most = std::max(most, spikes);
    cost += 150 * (spikes / 1000 - 0.01) * (spikes / 1000 - 0.01);
  }
  EXPECT_NEAR(metrics("rate_cost", "nest_regression", "train.updates=1")[0], cost, 1e-12 * cost);
  EXPECT_EQ(sums(h).sum, 3999);
  EXPECT_EQ(most, 237);
  expect_fact(sums(in).sum, 2.1858644254e4);
  expect_fact(sums(in).norm, 5.0030912597e2);
  for (const auto& [from, fact] : {std::pair{0, 1.3025666027e-1}, {1, 1.6054542758e-2}, {2, 4.4122897804e-2}})
    expect_fact(in.at(static_cast<std::size_t>(from)), fact);
  expect_fact(sums(rec).sum, 1.6708864049e4);
  expect_fact(sums(rec).norm, 6.3246167264e2);
  expect_fact(rec.at(1), 1.1885703465e-2);
  expect_fact(rec.at(2), 1.8759812213e-1);
  expect_fact(sums(out).sum, -6.3937820376e2);
  expect_fact(sums(out).norm, 1.0801152515e2);
  for (const auto& [from, fact] : {std::pair{0, -2.1365446947}, {1, -.69722950766}, {2, -22.286042486}})
    expect_fact(out.at(static_cast<std::size_t>(from)), fact);
}

TEST(NestFacts, OfTheFirstClassification) {
  const Arrays found = first_gradient("nest_classification");
  const Array &in = found.at("W_in"), &rec = found.at("W_rec"), &out = found.at("W_out");
  EXPECT_EQ(sums(found.at("h")).sum, 3251);
  expect_fact(sums(in).norm, 1.5361913195);
  expect_fact(sums(rec).norm, 3.7172905509);
  expect_fact(sums(out).norm, .26548165090);
  expect_fact(out.at(0), 7.0091845171e-3);
  expect_fact(sums(in).sum, -4.6503637938);
  expect_fact(sums(rec).sum, -21.435457032);
  EXPECT_NEAR(sums(out).sum, 0, 1e-12) << "over two classes";
}

}  // namespace
}  // namespace chronograd
