// SPDX-License-Identifier: Apache-2.0
// In the fixed order a run has the same bits whoever does the work, and wherever it was stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chronograd/error.hpp"
#include "folder.hpp"
#include "small_net.hpp"
#include "watcher.hpp"

namespace chronograd {
namespace {

struct Order {
  int workers, lag;
  double lambda, correct, update_probability;
  int true_every;
};

void PrintTo(const Order& order, std::ostream* out) {
  *out << order.workers << " workers, lag " << order.lag << ", lambda " << order.lambda << ", correct " << order.correct
       << ", p " << order.update_probability << ", true_every " << order.true_every;
}

std::vector<std::string> changes_of(const Order& order) {
  const char* const groups = order.workers == 2 ? "[3,3]" : order.workers == 4 ? "[2,1,2,1]" : "[1,1,1,1,1,1,0]";
  return {"net.widths=[7,6,8,5,6,4]",
          std::string("net.groups=") + groups,
          "interface.name=dni",
          "interface.lag=" + std::to_string(order.lag),
          "interface.lambda=" + std::to_string(order.lambda),
          "interface.correct=" + std::to_string(order.correct),
          "interface.update_probability=" + std::to_string(order.update_probability),
          "interface.true_every=" + std::to_string(order.true_every),
          "interface.sg_rank=4",
          "interface.sg_zero=false"};
}

/// All of workers, lag and lambda; the rest in turns.
std::vector<Order> orders() {
  std::vector<Order> all;
  int number = 0;
  for (const int workers : {2, 4, 7})
    for (const int lag : {0, 1, 3, 8})
      for (const double lambda : {0.0, 0.5, 1.0}) {
        ++number;
        all.push_back(
            {workers, lag, lambda, number % 2 == 0 ? 1.0 : 0.0, number % 3 == 0 ? 0.7 : 1.0, number % 5 == 0 ? 3 : 0});
      }
  return all;
}

class FixedOrder : public testing::TestWithParam<Order> {};

TEST_P(FixedOrder, IsTheSameOnThreads) {
  const Config config = small_net(changes_of(GetParam()));
  const NetOutcome same = run_small(config);
  ASSERT_EQ(same.result.status, RunResult::Status::done);
  EXPECT_EQ(run_small(config, on_threads()).bits, same.bits);
  EXPECT_EQ(run_small(config, on_threads(2e-4)).bits, same.bits);
  RunOptions narrow = on_threads();
  narrow.bandwidth = 2e6;
  EXPECT_EQ(run_small(config, narrow).bits, same.bits);
}

TEST_P(FixedOrder, LagIsWhatWasAskedFor) {
  const Order& order = GetParam();
  const RunResult result = run_small(small_net(changes_of(order))).result;
  ASSERT_EQ(result.interfaces.size(), static_cast<std::size_t>(order.workers - 1));
  for (const InterfaceReport& each : result.interfaces) {
    EXPECT_EQ(each.largest_lag, order.lag);
    EXPECT_LE(each.lag, order.lag);
    EXPECT_GE(each.lag, order.lag / 2.0 - 0.5);  // 10 batches between drain points, at which it falls from S to 0
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, FixedOrder, testing::ValuesIn(orders()));

const char* const others[] = {"none", "delayed", "fdg", "local", "predsim", "backprop"};

TEST(FixedOrder, OtherInterfacesAreTheSameOnThreads) {
  for (const std::string name : others)
    for (const int lag : {0, 3}) {
      std::vector<std::string> changes = {"interface.name=" + name, "net.groups=[1,2,1]"};
      if (lag > 0 && (name == "delayed" || name == "fdg")) changes.push_back("interface.lag=3");
      const Config config = small_net(changes);
      EXPECT_EQ(run_small(config, on_threads()).bits, run_small(config).bits) << name << " " << lag;
    }
}

TEST(FixedOrder, UnlockedWorkersToo) {
  for (const int lag : {0, 1, 4}) {
    std::vector<std::string> changes = changes_of({4, lag, lag == 1 ? 0.0 : 0.5, 1, 1, lag == 4 ? 5 : 0});
    const NetOutcome locked = run_small(small_net(changes));
    changes.push_back("interface.unlock=full");
    const Config config = small_net(changes);
    const NetOutcome same = run_small(config);
    EXPECT_NE(same.bits, locked.bits) << lag;
    EXPECT_EQ(run_small(config, on_threads()).bits, same.bits) << lag;
    EXPECT_EQ(run_small(config, on_threads(2e-4)).bits, same.bits) << lag;
  }
}

/// Runs in pieces: stopped at each drain point after `every` batches, gone on with by turns on threads and on one.
NetOutcome run_in_pieces(const Config& config, const SmallTask::Sizes& sizes, int& pieces) {
  const Folder folder;
  NetOutcome outcome;
  pieces = 0;
  do {
    RunOptions options = pieces % 2 == 0 ? RunOptions() : on_threads(1e-4);
    Watcher watcher;
    watcher.goes_on = [](const Position&) { return false; };
    options.observer = &watcher;
    options.checkpoint = folder / "";
    options.resume = pieces > 0;
    outcome = run_small(config, options, sizes);
    ++pieces;
  } while (outcome.result.status == RunResult::Status::stopped && pieces < 100);
  return outcome;
}

TEST(FixedOrder, GoesOnFromEveryDrainPointOnAnotherTransport) {
  for (const Order& order : {Order{4, 3, 0.5, 1, 0.7, 3}, Order{7, 8, 0, 0, 1, 0}, Order{2, 0, 1, 1, 1, 4}}) {
    std::vector<std::string> changes = changes_of(order);
    changes.push_back("update.drain_every=4");
    const Config config = small_net(changes);
    int pieces = 0;
    const NetOutcome resumed = run_in_pieces(config, {}, pieces);
    EXPECT_EQ(pieces, 9) << testing::PrintToString(order);  // 4 8 10 12 16 20 24 28 30
    EXPECT_EQ(resumed.bits, run_small(config).bits) << testing::PrintToString(order);
  }
}

TEST(FixedOrder, GoesOnUnderEveryInterface) {
  for (const std::string name : others) {
    const Config config = small_net({"interface.name=" + name, "net.groups=[1,2,1]", "train.report_every=7"});
    int pieces = 0;
    EXPECT_EQ(run_in_pieces(config, {}, pieces).bits, run_small(config).bits) << name;
    EXPECT_EQ(pieces, 5) << name;
  }
}

TEST(FixedOrder, GoesOnWithGuessedInputsAndWithoutTrust) {
  for (const char* more : {"interface.unlock=full", "interface.fallback=true", "interface.sg_gate=0.01"}) {
    std::vector<std::string> changes = changes_of({4, 3, 1, 0, 1, 0});
    for (const char* change : {more, "interface.sg_scale=3", "optimizer.lr=1e-3", "train.report_every=3"})
      changes.emplace_back(change);
    const Config config = small_net(changes);
    int pieces = 0;
    EXPECT_EQ(run_in_pieces(config, {}, pieces).bits, run_small(config).bits) << more;
    EXPECT_EQ(pieces, 10) << more;
  }
}

TEST(FixedOrder, RowsOfOneStepsOfLongRowsAndStreams) {
  SmallTask::Sizes one_row, long_rows, streams, gaps;
  one_row.rows = 1;
  long_rows.rows = 7;
  long_rows.length = 9;
  streams.length = 0;
  streams.rows = 0;
  gaps.weight = 0;
  for (const SmallTask::Sizes& sizes : {one_row, long_rows, streams, gaps}) {
    const Config config = small_net(changes_of({4, 3, 0.5, 1, 1, 0}));
    const NetOutcome same = run_small(config, {}, sizes);
    EXPECT_EQ(same.result.status, RunResult::Status::done) << sizes.rows << "x" << sizes.length;
    EXPECT_EQ(run_small(config, on_threads(), sizes).bits, same.bits) << sizes.rows << "x" << sizes.length;
    int pieces = 0;
    EXPECT_EQ(run_in_pieces(config, sizes, pieces).bits, same.bits) << sizes.rows << "x" << sizes.length;
  }
}

TEST(FixedOrder, SamplesOfWeightZeroAreNone) {
  SmallTask::Sizes gaps;
  gaps.weight = 0;
  const RunResult result = run_small(small_net({"train.updates=6"}), {}, gaps).result;
  EXPECT_EQ(result.stream_steps, 36);  // 44 rows, of which 8 have the weight 0: an epoch of 6 batches
  EXPECT_EQ(result.train.steps, 36);
}

TEST(Divergence, IsAResultWithTheLastFiniteWeights) {
  const Config config = small_net({"net.norm=none", "optimizer.lr=1e6", "optimizer.name=sgd", "loss.name=mse",
                                   "net.activation=identity", "net.groups=[2,2]", "train.updates=300"});
  SmallTask::Sizes sizes;
  sizes.classes = false;
  for (const RunOptions& options : {RunOptions(), on_threads()}) {
    const RunResult result = run_small(config, options, sizes).result;
    EXPECT_EQ(result.status, RunResult::Status::diverged);
    for (const double number : numbers_of(result.parameters)) EXPECT_TRUE(std::isfinite(number));
  }
}

TEST(Arrival, EndsAndSaysHowOldGradientsWere) {
  const std::vector<std::string> changes = {"interface.name=dni", "interface.order=arrival", "interface.lag=4",
                                            "net.groups=[2,1,1]"};
  const RunResult result = run_small(small_net(changes), on_threads()).result;
  EXPECT_EQ(result.status, RunResult::Status::done);
  for (const InterfaceReport& each : result.interfaces) EXPECT_LE(each.largest_lag, 4);
  try {
    run_small(small_net(changes));
    ADD_FAILURE() << "one thread has no order of arrival";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("[interface.order]"));
  }
}

/// A task that is slow to read: the lowest worker keeps the others waiting.
class SlowTask final : public Task {
 public:
  int inputs() const override { return 5; }
  int outputs() const override { return 3; }
  bool classes() const override { return true; }
  std::int64_t length(Split) const override { return 1; }
  std::int64_t rows(Split) const override { return 8; }
  void read(Split split, std::int64_t row, std::int64_t t, int steps, const Steps& out) const override {
    if (reads_++ > 40) usleep(400000);
    task_.read(split, row, t, steps, out);
  }
  std::string summary() const override { return "slow"; }

 private:
  SmallTask task_{SmallTask::Sizes{}};
  mutable int reads_ = 0;
};

TEST(Timeout, NamesTheEdge) {
  RunOptions options = on_threads();
  options.timeout = 0.2;
  try {
    train(small_net({"net.groups=[2,2]"}), SlowTask(), options);
    ADD_FAILURE() << "it waited";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::failed);
    EXPECT_THAT(error.what(),
                testing::MatchesRegex("\\[worker 1\\] no activation of batch [0-9]+ from worker 0 for 0.2 s.*"));
  }
}

}  // namespace
}  // namespace chronograd
