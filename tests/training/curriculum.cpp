// SPDX-License-Identifier: Apache-2.0
// A curriculum: the level follows the training loss of whole batches, and rows are those of the level.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "chronograd/train.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

/// Rows of level + 1 steps, the last of which counts; a target that says the level; a level for every two batches.
/// Remembers what was read and heard.
class Stairs final : public Task, private Curriculum {
 public:
  int inputs() const override { return 1; }
  int outputs() const override { return 1; }
  std::int64_t length(Split) const override { return 5; }
  std::int64_t rows(Split split) const override { return split == Split::train ? 0 : -1; }
  const chronograd::Curriculum* curriculum() const override { return this; }
  void read(Split, std::int64_t row, std::int64_t t, int steps, const chronograd::Steps& out) const override {
    rows_read.push_back(row);
    for (int k = 0; k < steps; ++k) {
      out.x[k] = 0;
      out.y[k] = static_cast<double>(row / 100 + 1);  // the level plus one
      out.mask[k] = t + k + 1 < length(row / 100) ? 0 : 1;
      out.reset[k] = 0;
    }
  }
  std::string summary() const override { return "steps"; }
  mutable std::vector<std::int64_t> rows_read;
  mutable std::vector<double> losses;

 private:
  std::int64_t length(std::int64_t level) const override { return std::min<std::int64_t>(level + 1, 5); }
  std::int64_t row(std::int64_t level, std::int64_t index) const override { return level * 100 + index; }
  std::int64_t next(std::int64_t level, double loss) const override {
    losses.push_back(loss);
    return losses.size() % 2 == 0 ? level + 1 : level;
  }
};

Config config_of(const std::vector<std::string>& changes) {
  return Config::parse(
      "[model]\ncell='leaky'\nhidden=3\nfreeze=['W_rec','W_in','b_h','W_out','b_y']\n[loss]\nname='mse'\n[rule]\nname='"
      "rflo'\n[update]\nevery=1\n[task]\nname='sine'\n[train]\nbatch=2\nsteps=14\nreport_every=1\n",
      "test", changes);
}

TEST(Curriculum, RowsAndLengthsFollowTheLevel) {
  for (const char* every : {"1", "2", "trial"}) {
    const Stairs task;
    Watcher watcher;
    RunOptions options;
    options.observer = &watcher;
    const RunResult result = train(config_of({std::string("update.every=") + every}), task, options);
    // Two batches of two steps, two of three, one of four.
    EXPECT_THAT(std::set<std::int64_t>(task.rows_read.begin(), task.rows_read.end()),
                testing::IsSupersetOf({100, 101, 102, 103, 204, 205, 206, 207, 308, 309}))
        << every;
    EXPECT_EQ(result.status, RunResult::Status::done);
    EXPECT_EQ(result.steps, 14) << every;
    EXPECT_EQ(result.level, 3);
    EXPECT_EQ(watcher.lines.front().level, 1);
    EXPECT_EQ(watcher.lines.back().level, 3);
    // The mean loss of whole rows, whatever the interval and the normalisation: nothing is learnt and y = 0.
    ASSERT_EQ(task.losses.size(), 5U) << every;
    for (std::size_t i = 0; i < task.losses.size(); ++i) {
      const double target = static_cast<double>(i / 2) + 2;
      EXPECT_FLOAT_EQ(static_cast<float>(task.losses[i]), static_cast<float>(0.5 * target * target)) << every;
    }
  }
}

}  // namespace
}  // namespace chronograd
