// SPDX-License-Identifier: Apache-2.0
// Results do not depend on the number of threads, to the last bit.
#include <gtest/gtest.h>

#include "chronograd/train.hpp"
#include "conformance/rule_pair.hpp"

namespace chronograd::conformance {
namespace {

class RuleThreads : public testing::TestWithParam<RulePair> {};

TEST_P(RuleThreads, one_and_two_give_the_same_bits) {
  // 96 streams are three shards: two threads share them unevenly.
  const OracleProblem p = checking::random_problem(41, {.cell = GetParam().cell->entry.name,
                                                        .activation = "tanh",
                                                        .loss = "cross_entropy",
                                                        .d = 9,
                                                        .n = 3,
                                                        .m = 3,
                                                        .B = 96,
                                                        .T = 12,
                                                        .resets = true,
                                                        .gain = 0.9});
  const Arrays parameters = checking::problem_parameters(p);
  for (const int every : intervals(*GetParam().rule))
    for (const char* dtype : {"float32", "float64"}) {
      const Config config = config_of(GetParam(), p, every, dtype);
      const auto run = [&](int threads) {
        RunOptions options;
        options.parameters = &parameters;
        options.threads = threads;
        return train(config, checking::ProblemTask(p), options);
      };
      const RunResult one = run(1), two = run(2), again = run(2);
      EXPECT_EQ(one.status, RunResult::Status::done);
      EXPECT_EQ(one.train.loss, two.train.loss);
      for (const auto& [name, array] : one.parameters)
        for (const RunResult* other : {&two, &again}) {
          EXPECT_EQ(array.f32, other->parameters.at(name).f32) << name << ", every " << every;
          EXPECT_EQ(array.f64, other->parameters.at(name).f64) << name << ", every " << every;
        }
      EXPECT_NE(checking::values_of(one.parameters.at("W_out")), p.parameters.at("W_out"));
    }
}

/// One shard leaves the threads to its rule, which shares the columns of M: large enough that it does, and in blocks
/// that end within a row.
TEST(RtrlThreads, share_one_influence_matrix_to_the_same_bits) {
  const OracleProblem p = checking::random_problem(
      43,
      {.cell = "leaky", .activation = "tanh", .loss = "mse", .d = 72, .n = 3, .m = 2, .B = 2, .T = 10, .resets = true});
  const Arrays parameters = checking::problem_parameters(p);
  using Settings = std::vector<std::string>;
  for (const auto& [rule, settings] : {std::pair("rtrl", Settings{"rule.block=4"}),
                                       {"rtrl", {"rule.block=2", "rule.spread=true"}},
                                       {"rtrl", {"rule.block=4", "rule.influence=bf16"}},
                                       {"sparse_rtrl", {"rule.block=4"}}})
    for (const int every : {1, 4})
      for (const char* dtype : {"float32", "float64"}) {
        if (settings.back() == "rule.influence=bf16" && dtype == std::string("float64")) continue;  // refused
        const RulePair pair = {&find_record<RuleRecord>("rule.name", rule),
                               &find_record<CellRecord>("model.cell", "leaky")};
        const Config config = config_of(pair, p, every, dtype).with(settings);
        const auto run = [&](int threads) {
          RunOptions options;
          options.parameters = &parameters;
          options.threads = threads;
          return train(config, checking::ProblemTask(p), options);
        };
        const RunResult one = run(1), three = run(3);
        EXPECT_EQ(one.status, RunResult::Status::done);
        for (const auto& [name, array] : one.parameters) {
          EXPECT_EQ(array.f32, three.parameters.at(name).f32) << name << ", " << rule << ", every " << every;
          EXPECT_EQ(array.f64, three.parameters.at(name).f64) << name << ", " << rule << ", every " << every;
        }
        EXPECT_NE(checking::values_of(one.parameters.at("W_rec")), p.parameters.at("W_rec"));
      }
}

/// Streams that are computed apart are streams of one batch: one step along the gradient of all.
TEST_P(RuleThreads, shards_are_one_batch) {
  const OracleProblem p = checking::random_problem(42, {.cell = GetParam().cell->entry.name,
                                                        .activation = "tanh",
                                                        .loss = "mse",
                                                        .d = 5,
                                                        .n = 2,
                                                        .m = 2,
                                                        .B = 96,
                                                        .T = 8,
                                                        .masked = true,
                                                        .gain = 0.9});
  const Arrays parameters = checking::problem_parameters(p);
  const Config config = config_of(GetParam(), p, 0);
  RunOptions options;
  options.parameters = &parameters;
  const RunResult learnt = train(config, checking::ProblemTask(p), options);
  ASSERT_EQ(learnt.updates, 1);
  const Named gradient = run_gradient(GetParam(), p, 0);
  const double rate = config.table("optimizer").number("lr");
  for (const auto& [name, values] : p.parameters) {
    checking::Vector expected = values;
    for (std::size_t k = 0; k < values.size(); ++k) expected[k] -= rate * gradient.at(name)[k];
    EXPECT_TRUE(close(checking::values_of(learnt.parameters.at(name)), expected, 1e-12)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, RuleThreads, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
