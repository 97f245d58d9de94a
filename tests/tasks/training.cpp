// SPDX-License-Identifier: Apache-2.0
// Every task of the catalogue trains, online and, where rows end, once a row.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "chronograd/error.hpp"
#include "chronograd/train.hpp"
#include "tasks/reading.hpp"

namespace chronograd {
namespace {

class TrainingOn : public testing::TestWithParam<std::string> {};

TEST_P(TrainingOn, RunsWithAFastRule) {
  std::unique_ptr<Task> task;
  try {
    task = make_task_of(GetParam(), 1);
  } catch (const Error& error) {
    if (error.code() != Exit::data) throw;
    GTEST_SKIP() << error.what();  // real data that are not installed
  }
  // A task that brings its own network says how large it is.
  const Arrays own = task->parameters();
  const std::string hidden = std::to_string(own.contains("W_out") ? own.at("W_out").shape[1] : 12),
                    cell =
                        own.contains("W_rec") && !own.contains("b_h") ? "cell='alif'\n" : "cell='leaky'\nalpha=0.5\n";
  // Some rows ask for something at their end alone.
  const std::int64_t steps = std::max<std::int64_t>(900, task->length(Split::train));
  for (const char* every : {"1", "7", "trial"}) {
    if (task->length(Split::train) == 0 && every == std::string("trial")) continue;
    const Config config = Config::parse(
        "seed=1\n[model]\n" + cell +
            "[rule]\nname='rflo'\n[optimizer]\nlr=1e-3\n[train]\nbatch=2\ntest_steps=300\nreport_every=40\n",
        "test",
        {"train.steps=" + std::to_string(steps), "model.hidden=" + hidden, "task.name=" + GetParam(),
         std::string("update.every=") + every,
         std::string("loss.name=") + (task->classes() ? "cross_entropy" : "mse")});
    const RunResult result = train(config, *task);
    EXPECT_EQ(result.status, RunResult::Status::done) << every;
    EXPECT_GE(result.steps, steps) << every;
    EXPECT_TRUE(std::isfinite(result.train.loss)) << every;
    EXPECT_GE(result.train.loss, 0) << every;
    EXPECT_EQ(std::isfinite(result.test.loss), task->rows(Split::test) >= 0) << every;
    EXPECT_EQ(std::isfinite(result.train.accuracy), task->classes()) << every;
    EXPECT_EQ(result.level > 0, task->curriculum() != nullptr) << every;
    for (const auto& [name, array] : result.parameters)
      for (std::size_t i = 0; i < array.size(); ++i) ASSERT_TRUE(std::isfinite(array.at(i))) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, TrainingOn, testing::ValuesIn(names_of<TaskRecord>()),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace chronograd
