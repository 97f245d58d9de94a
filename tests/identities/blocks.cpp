// SPDX-License-Identifier: Apache-2.0
// rtrl and sparse_rtrl in blocks learn what the textbook recursion does, step by step, while every step changes the
// weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "checking/layout.hpp"
#include "chronograd/error.hpp"
#include "chronograd/train.hpp"
#include "conformance/rule_pair.hpp"

namespace chronograd::identities {
namespace {

using checking::Named;
using checking::OracleProblem;

struct Case {
  const CellRecord* cell;
  int layers, every;
};

class Blocks : public testing::TestWithParam<Case> {
 protected:
  static Named learnt(const OracleProblem& problem, const std::string& rule, int every, int block, bool spread = false,
                      double first_weight = 0) {
    const Config config =
        checking::problem_config(
            problem, {.rule = rule, .options = {{"block", std::to_string(block)}}, .every = every, .lr = 0.02})
            .with({"train.epochs=20"})
            .with(spread ? std::vector<std::string>{"rule.spread=true"} : std::vector<std::string>{});
    Arrays parameters = checking::problem_parameters(problem);
    Array& changed = parameters.begin()->second;
    changed.f64[0] += first_weight;
    return learnt(problem, config, parameters);
  }
  static Named learnt(const OracleProblem& problem, const Config& config, const Arrays& parameters) {
    RunOptions run;
    run.parameters = &parameters;
    const RunResult result = train(config, checking::ProblemTask(problem), run);
    EXPECT_EQ(result.status, RunResult::Status::done);
    return conformance::to_named(result.parameters);
  }
  /// What the problems of this file share.
  static checking::RandomOptions of_case(const Case& which) {
    return {.cell = which.cell->entry.name,
            .activation = "tanh",
            .loss = "mse",
            .output = "identity",
            .layers = which.layers,
            .d = 5,
            .n = 2,
            .m = 2,
            .B = 3,
            .T = 50,
            .initial_state = true,
            .gain = 0.9};
  }
  /// max|a - b| over all parameters of the cell.
  static double distance(const Named& a, const Named& b) {
    double largest = 0;
    for (const auto& [name, values] : a) {
      const checking::Vector& other = b.at(name);
      for (std::size_t i = 0; i < values.size(); ++i) largest = std::max(largest, std::fabs(values[i] - other[i]));
    }
    return largest;
  }
};

TEST_P(Blocks, learn_as_the_textbook_recursion) {
  const auto [cell, layers, every] = GetParam();
  checking::RandomOptions options = of_case(GetParam());
  options.masked = options.sparse = true;
  OracleProblem p = checking::random_problem(71, options);
  p.reset.assign(p.B * p.T, 0.0);
  for (const int t : {3, 4, 20, 49}) p.reset[t] = 1;
  p.reset[p.T] = p.reset[p.T + 33] = 1;  // the second stream begins with one, the third has none
  const Named textbook = learnt(p, "rtrl", every, 1);
  const double change = distance(textbook, conformance::to_named(checking::problem_parameters(p)));
  EXPECT_GT(change, 1e-2);
  // A run of 1000 steps that learns is a recursion of its own: the comparison says something where rounding stays
  // small.
  EXPECT_LT(distance(textbook, learnt(p, "rtrl", every, 1, false, 1e-15)), 1e-12);
  for (const auto& [rule, spread] : {std::pair("rtrl", false), {"rtrl", true}, {"sparse_rtrl", false}})
    for (const int block : {0, 1, 2, 7, 16, 64})
      EXPECT_LT(distance(textbook, learnt(p, rule, every, block, spread)), 1e-10 * change)
          << rule << ", " << block << ", " << spread;
}

/// Units read the states of each other: else there is a trace in place of a matrix.
bool reads_others(const CellRecord& cell) {
  CellLayout layout;
  cell.layout(cell, 5, 2, layout);
  return std::any_of(layout.blocks, layout.blocks + layout.block_count,
                     [&](const Block& block) { return block.col < cell.heads * 5; });
}

/// With M in 16 bits what is learnt is off by about what a number of 16 bits is, and by more than a float is.
TEST_P(Blocks, in_16_bits_learn_nearly_so) {
  const auto [cell, layers, every] = GetParam();
  checking::RandomOptions options = of_case(GetParam());
  options.resets = true;
  const OracleProblem p = checking::random_problem(71, options);
  const Arrays parameters = checking::problem_parameters(p);
  const auto with = [&, every = every](const std::string& numbers, const std::string& block) {
    const Config config =
        checking::problem_config(p, {.rule = "rtrl",
                                     .options = {{"block", block}, {"influence", '"' + numbers + '"'}},
                                     .every = every,
                                     .lr = 0.02})
            .with({"dtype=float32"});
    return learnt(p, config, parameters);
  };
  const Named textbook = with("full", "1");
  const double change = distance(textbook, conformance::to_named(parameters));
  EXPECT_GT(change, 1e-3);
  for (const char* block : {"1", "3", "16"}) {
    const double off = distance(textbook, with("bf16", block)) / change;
    EXPECT_LT(off, 1e-2) << block;
    if (layers == 2 || reads_others(*cell)) {
      EXPECT_GT(off, 1e-6) << block;
    }
  }
}

TEST(InfluenceIn16Bits, is_refused_in_float64) {
  const OracleProblem p =
      checking::random_problem(71, {.cell = "leaky", .loss = "mse", .d = 5, .n = 2, .m = 2, .T = 5});
  const Config config =
      checking::problem_config(p, {.rule = "rtrl", .options = {{"influence", "\"bf16\""}}, .every = 1, .lr = 0.02});
  try {
    train(config, checking::ProblemTask(p), {});
    ADD_FAILURE() << "was not refused";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "[rule.influence] got \"bf16\" with dtype = \"float64\", allowed is dtype = \"float32\".");
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const CellRecord* cell : catalogue<CellRecord>())
    for (const int layers : {1, 2})
      for (const int every : {1, 3}) all.push_back({cell, layers, every});
  return all;
}

INSTANTIATE_TEST_SUITE_P(catalogue, Blocks, testing::ValuesIn(cases()), [](const auto& test) {
  return test.param.cell->entry.name + std::string("_") + std::to_string(test.param.layers) + "_every_" +
         std::to_string(test.param.every);
});

}  // namespace
}  // namespace chronograd::identities
