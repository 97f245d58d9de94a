// SPDX-License-Identifier: Apache-2.0
// Forward passes and rules look whether their work is to stop: a segment may be a row of a hundred thousand steps.
#include <gtest/gtest.h>

#include <memory>

#include "base/interrupt.hpp"
#include "conformance/rule_pair.hpp"
#include "learning/rule_settings.hpp"
#include "training/data.hpp"

namespace chronograd::conformance {
namespace {

class Stopping : public testing::TestWithParam<RulePair> {
 protected:
  /// Asked for the first time it said no.
  Interrupt stopped_{[] { return false; }};
  void SetUp() override { EXPECT_THROW(for (;;) look_for_stop(), Stopped); }
};

TEST_P(Stopping, IsHeardInForwardPassesAndByTheRule) {
  const OracleProblem p = checking::random_problem(5, {.cell = GetParam().cell->entry.name,
                                                       .activation = "tanh",
                                                       .loss = "mse",
                                                       .d = 4,
                                                       .n = 2,
                                                       .m = 2,
                                                       .B = 2,
                                                       .T = 40});
  const Config config = config_of(GetParam(), p, 0, "float64");
  const checking::ProblemTask task(p);
  const Network<double> network(config, task);
  const RuleSettings rule(config);
  const Initial initial = initial_values(network, config, nullptr, "");
  const Weights<double> weights = weights_of<double>(initial);
  const std::vector<std::int64_t> rows = {0, 1};
  Batch<double> batch;
  read_batch(task, Split::train, rows, 0, p.T, {.one_error = network.averages()}, network.stack.width(), batch);
  const auto stepper = [&] {
    const Interrupt::Here nobody(nullptr);
    auto made = std::make_unique<Stepper<double>>(network, rule.make(network, initial.structure, 2, 0), 2, 0, p.T);
    made->begin(batch, 0);
    return made;
  }();
  EXPECT_THROW(stepper->forward(weights, batch, 0, p.T, true), Stopped);

  stepper->begin(batch, 0);
  {
    const Interrupt::Here nobody(nullptr);
    stepper->forward(weights, batch, 0, p.T, true);
  }
  Buffer<double> grad(network.map.size());
  if (GetParam().rule->entry.name == std::string("readout_only")) return;  // it does nothing
  EXPECT_THROW(stepper->learn(weights, batch, 0, grad.data()), Stopped);
}

INSTANTIATE_TEST_SUITE_P(Rules, Stopping, testing::ValuesIn([] {
                           std::vector<RulePair> pairs;
                           for (const RulePair& pair : rule_pairs())
                             if (pair.cell->entry.name == std::string("leaky")) pairs.push_back(pair);
                           return pairs;
                         }()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
