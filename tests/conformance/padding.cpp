// SPDX-License-Identifier: Apache-2.0
// What stands under a mask reaches no learner: neither the targets of steps without a loss nor the inputs of padding
// (steps after the last one of a row, or before a reset, that has a loss) change a bit of any rule's result.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "chronograd/train.hpp"
#include "conformance/jumps.hpp"
#include "conformance/rule_pair.hpp"
#include "covering.hpp"
#include "formats/file_task.hpp"

namespace chronograd::conformance {
namespace {

constexpr int streams = 3, steps = 13, inputs = 2, outputs = 2, units = 4;

/// Which steps count, which are padding, and where streams begin anew.
struct Layout {
  std::vector<double> mask, reset;
  std::vector<bool> padding;
};

Layout layout() {
  //   'x' counts, '-' has no loss but leads on, '.' is padding, 'r' counts and begins anew
  const std::string rows[streams] = {"x-xxxx--xx...", "xxxx.......rx", "--x..r-x....."};
  Layout out;
  for (const std::string& row : rows)
    for (const char c : row) {
      out.mask.push_back(c == 'x' || c == 'r' ? 1 : 0);
      out.reset.push_back(c == 'r' ? 1 : 0);
      out.padding.push_back(c == '.');
    }
  return out;
}

/// The problem's rows as a file's, with `junk` times random numbers where it must not matter.
std::unique_ptr<Task> task_with(const OracleProblem& p, double junk, std::uint64_t seed) {
  const Layout where = layout();
  std::mt19937_64 source(seed);
  std::normal_distribution<double> normal;
  std::vector<double> x = p.x, y = p.y, third = p.third;
  const auto q = static_cast<std::size_t>(p.third_numbers());
  for (std::size_t step = 0; step < where.mask.size(); ++step) {
    for (std::size_t j = 0; j < inputs; ++j)
      if (where.padding[step]) x[step * inputs + j] = junk * normal(source);
    for (std::size_t k = 0; k < outputs; ++k)
      if (where.mask[step] == 0) y[step * outputs + k] = junk * normal(source);
    for (std::size_t j = 0; j < q; ++j)
      if (where.padding[step]) third[step * q + j] = 0;  // a step with a third factor is no padding
  }
  Arrays arrays;
  arrays.emplace("x", Array::of({streams, steps, inputs}, x));
  arrays.emplace("y", Array::of({streams, steps, outputs}, y));
  arrays.emplace("third", Array::of({streams, steps, q}, third));
  arrays.emplace("mask", Array::of({streams, steps}, where.mask));
  arrays.emplace("reset", Array::of({streams, steps}, where.reset));
  FileNeeds needs{};
  needs.loss = "mse";
  needs.units = units;
  return make_file_task(std::move(arrays), "test", nullptr, "", needs, nullptr);
}

OracleProblem problem_for(const CellRecord& cell, const std::string& activation) {
  return checking::random_problem(17, {.cell = cell.entry.name,
                                       .activation = activation,
                                       .loss = "mse",
                                       .output = "identity",
                                       .layers = 2,
                                       .d = units,
                                       .n = inputs,
                                       .m = outputs,
                                       .B = streams,
                                       .T = steps,
                                       .feedback = true,
                                       .noise = has_option(cell.entry, "noise"),
                                       .gain = 0.9});
}

class Padding : public testing::TestWithParam<RulePair> {
 protected:
  Config config(const OracleProblem& p, int every, const std::string& feedback, const std::string& dtype) const {
    return checking::problem_config(p, {.rule = GetParam().rule->entry.name,
                                        .options = lively_options(*GetParam().rule),
                                        .every = every,
                                        .feedback = feedback,
                                        .dtype = dtype,
                                        .mean = true,
                                        .seed = 11});
  }
};

void expect_same(const Arrays& a, const Arrays& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, array] : a) {
    const std::vector<double> one = checking::values_of(array), other = checking::values_of(b.at(name));
    EXPECT_EQ(one, other) << name;
    for (const double value : one) EXPECT_TRUE(std::isfinite(value)) << name;
  }
}

TEST_P(Padding, changes_no_bit_of_a_run) {
  const std::vector<int> allowed = intervals(*GetParam().rule);
  for (const auto& row : covering_rows({2, 3, allowed.size(), 2})) {
    const std::string activation = row[0] == 0 ? "tanh" : "relu", dtype = row[3] == 0 ? "float64" : "float32",
                      feedback = std::array{"symmetric", "random", "adaptive"}[row[1]];
    const int every = allowed[row[2]];
    const OracleProblem p = problem_for(*GetParam().cell, activation);
    const Arrays parameters = checking::problem_parameters(p);
    SCOPED_TRACE(activation + ", " + feedback + ", every " + std::to_string(every) + ", " + dtype);
    const std::string watched = every == 0 ? "[\"bptt\", \"dni\"]" : "[\"rtrl\", \"dni\"]";
    const Config all = config(p, every, feedback, dtype)
                           .with({"train.epochs=3", "train.report_every=1", "optimizer.name=adam", "optimizer.lr=0.01",
                                  "watch.every=1", "watch.rules=" + watched});
    const auto run = [&](double junk, std::uint64_t seed) {
      RunOptions options;
      options.parameters = &parameters;
      return train(all, *task_with(p, junk, seed), options);
    };
    // 1e30 times the weights, squared, is beyond float32.
    const RunResult zeros = run(0, 1), some = run(5, 2), huge = run(1e30, 3);
    ASSERT_EQ(zeros.status, RunResult::Status::done);
    for (const RunResult* other : {&some, &huge}) {
      expect_same(zeros.parameters, other->parameters);
      EXPECT_EQ(zeros.train.loss, other->train.loss);
      ASSERT_EQ(zeros.alignment.size(), other->alignment.size());
      for (std::size_t i = 0; i < zeros.alignment.size(); ++i) {
        const AlignedPair &a = zeros.alignment[i], &b = other->alignment[i];
        if (!std::isfinite(a.cosine) && !std::isfinite(b.cosine)) continue;
        EXPECT_EQ(a.cosine, b.cosine) << a.rule << " beside " << a.beside << ", " << a.group;
        EXPECT_EQ(a.norm_ratio, b.norm_ratio) << a.rule << " beside " << a.beside << ", " << a.group;
      }
    }
  }
}

TEST_P(Padding, changes_no_bit_of_a_gradient) {
  const OracleProblem p = problem_for(*GetParam().cell, "tanh");
  const Layout where = layout();
  for (const int every : intervals(*GetParam().rule)) {
    SCOPED_TRACE("every " + std::to_string(every));
    GradientRequest request;
    request.per_step = GetParam().rule->past_facing && every == 1;
    request.inputs = GetParam().rule->promise == Promise::exact;
    const auto run = [&](double junk, std::uint64_t seed) {
      const std::string feedback = request.inputs ? "symmetric" : "random";
      return gradient(config(p, every, feedback, "float64"), *task_with(p, junk, seed), checking::problem_parameters(p),
                      "test", request);
    };
    Arrays zeros = run(0, 1), some = run(5, 2);
    // Outputs are those of all steps, and in padding the network runs on what stands there.
    for (const char* name : {"h", "y"}) {
      const std::size_t width = zeros.at(name).shape.back();
      const std::vector<double> a = checking::values_of(zeros.at(name)), b = checking::values_of(some.at(name));
      for (std::size_t i = 0; i < a.size(); ++i)
        if (!where.padding[i / width] || !jumps(*GetParam().cell)) {  // spikes may be the same by chance
          EXPECT_EQ(a[i] == b[i], !where.padding[i / width]) << name << " " << i;
        }
      zeros.erase(name);
      some.erase(name);
    }
    expect_same(zeros, some);
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, Padding, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
