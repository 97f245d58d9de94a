// SPDX-License-Identifier: Apache-2.0
#include "training/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

/// Rows of a given number and length.
class Sized final : public Task {
 public:
  Sized(std::int64_t rows, std::int64_t length) : rows_(rows), length_(length) {}
  int inputs() const override { return 1; }
  int outputs() const override { return 1; }
  std::int64_t length(Split) const override { return length_; }
  std::int64_t rows(Split) const override { return rows_; }
  void read(Split, std::int64_t, std::int64_t, int, const Steps&) const override {}
  std::string summary() const override { return "sizes"; }

 private:
  std::int64_t rows_, length_;
};

Plan plan(const std::vector<std::string>& changes, std::int64_t rows, std::int64_t length, std::size_t bytes = 1000) {
  const Config config =
      Config::parse("[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='rflo'\n[task]\nname='sine'\n",
                    "test", changes);
  return make_plan(TrainSettings(config), RuleSettings(config), Sized(rows, length), {bytes, 16 << 10});
}

std::string refusal(const std::vector<std::string>& changes, std::int64_t rows, std::int64_t length) {
  try {
    plan(changes, rows, length);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    return error.what();
  }
  return "";
}

TEST(Plan, CountsTheUpdatesOfTheRun) {
  EXPECT_EQ(plan({"train.batch=4", "train.epochs=3"}, 10, 28).updates, 9);   // three batches an epoch, the last short
  EXPECT_EQ(plan({"train.batch=10", "update.every=5"}, 10, 28).updates, 6);  // 5 5 5 5 5 3
  EXPECT_EQ(plan({"train.updates=7", "update.every=5"}, 10, 28).updates, 7);
  EXPECT_EQ(plan({"train.updates=7", "update.every=5"}, 0, 0).every, 5);
}

TEST(Plan, CountsTheUpdatesOfSoManySteps) {
  EXPECT_EQ(plan({"train.steps=100", "update.every=7"}, 0, 0).updates, 15);
  EXPECT_EQ(plan({"train.steps=57"}, 0, 28).updates, 3);                     // a row is done to its end
  EXPECT_EQ(plan({"train.steps=62", "update.every=5"}, 0, 28).updates, 14);  // six, six, and two for the last six
}

/// Steps that the final training loss is a mean over, and those before them.
std::pair<std::int64_t, std::int64_t> last(const std::vector<std::string>& changes, std::int64_t rows,
                                           std::int64_t length) {
  const Plan made = plan(changes, rows, length);
  const std::int64_t intervals = length > 0 ? (length + made.every - 1) / made.every : 1,
                     steps = length > 0 ? made.updates / intervals * length : made.updates * made.every;
  return {steps - made.last_from, made.last_from};
}

// The amount of data decides, so that rules with other updates are judged by the same steps.
TEST(Plan, TheLastStepsDoNotDependOnUpdates) {
  using testing::Pair;
  for (const char* every : {"1", "5", "28", "trial"}) {
    const std::string update = std::string("update.every=") + every;
    EXPECT_THAT(last({update, "train.epochs=3", "train.batch=4"}, 10, 28), Pair(84, 168)) << "an epoch, " << every;
    EXPECT_THAT(last({update, "train.batch=4"}, 10, 28), Pair(84, 0)) << every;
    EXPECT_THAT(last({update, "train.steps=1400"}, 0, 28), Pair(140, 1260)) << "a tenth, " << every;
    EXPECT_THAT(last({update, "train.steps=1428"}, 0, 28), Pair(168, 1260)) << "in whole rows, " << every;
    EXPECT_THAT(last({update, "train.epochs=2"}, 1, 28000), Pair(10000, 46000)) << "at most so many, " << every;
  }
  EXPECT_THAT(last({"train.updates=200", "update.every=5"}, 0, 0), Pair(100, 900));
  EXPECT_THAT(last({"train.updates=7", "update.every=1"}, 0, 0), Pair(1, 6));
  EXPECT_EQ(plan({"train.updates=13", "update.every=5"}, 10, 28).last_from, 0);
  EXPECT_EQ(plan({"train.updates=9000000000000000000", "update.every=1000"}, 0, 0).last_from,
            std::numeric_limits<std::int64_t>::max() - 10000);
}

TEST(Plan, HoldsTheLargestNumbers) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::string number = std::to_string(most);
  EXPECT_EQ(plan({"train.epochs=" + number}, 10, 28).updates, most);
  EXPECT_EQ(plan({"train.steps=" + number, "update.every=2"}, 0, 0).updates, most / 2 + 1);
  EXPECT_EQ(plan({"train.updates=" + number, "update.every=1"}, 0, 0).last_from_update, most - (most / 10 + 1));
}

TEST(Plan, GivesEachRuleTheSegmentsItCanTake) {
  EXPECT_EQ(plan({}, 1, 100000).segment, 100000);                                          // a row is one segment
  EXPECT_EQ(plan({}, 1, 1000000).segment, 33554);                                          // but about 32 MiB
  EXPECT_EQ(plan({"rule.name=uoro"}, 1, 100000).segment, 33554);                           // it remembers more
  EXPECT_EQ(plan({}, 1, 100000, std::size_t{1} << 30).segment, 64);                        // and never very short
  EXPECT_EQ(plan({"rule.name=bptt"}, 1, 100000, std::size_t{1} << 30).segment, 100000);    // the whole row
  EXPECT_EQ(plan({"rule.name=tbptt", "rule.L=7", "update.every=20"}, 1, 100).segment, 7);  // its window
  EXPECT_EQ(plan({"rule.name=tbptt", "update.every=20"}, 1, 100).segment, 20);
}

TEST(Plan, FitsIntoTheMemoryThatIsGiven) {
  const std::size_t mebibyte = 1 << 20;
  EXPECT_EQ(plan({"train.memory=2"}, 1, 100000, mebibyte / 1000).segment, 2001);
  EXPECT_EQ(plan({"train.memory=2", "train.batch=64"}, 64, 100000, mebibyte / 1000).segment, 31);  // both shards
  EXPECT_EQ(plan({"train.memory=2"}, 1, 7, mebibyte / 1000).segment, 7);
  EXPECT_EQ(plan({"train.memory=2", "rule.name=bptt"}, 1, 2000, mebibyte / 1000).segment, 2000);
  EXPECT_THAT(refusal({"train.memory=0.001", "rule.name=bptt"}, 1, 2000),
              testing::HasSubstr("the rule bptt looks at 2000 steps of 1 streams at once, allowed is 1.9"));
  EXPECT_THAT(refusal({"train.memory=1e-5", "update.every=1"}, 1, 2000),
              testing::HasSubstr("[train.memory] got 0.0000"));
}

TEST(Plan, SplitsStreamsWithoutAskingTheMachine) {
  EXPECT_EQ(plan({"train.batch=31", "threads=7"}, 1000, 10).shards, 1);
  EXPECT_EQ(plan({"train.batch=64"}, 1000, 10).shards, 2);
  EXPECT_EQ(plan({"train.batch=64", "rule.name=dni"}, 1000, 10).shards, 1);
}

/// 40 inputs, 100 units with three states more: a row of 12 MB.
constexpr std::size_t evidence = 5400;

TEST(Plan, CutsRowsThatAreSegmentsByStreams) {
  for (const char* rule : {"eprop", "bptt", "rtrl", "snap"}) {
    const Plan rows = plan({std::string("rule.name=") + rule, "train.batch=64"}, 64, 2250, evidence);
    EXPECT_EQ(rows.segment, 2250) << rule;
    EXPECT_EQ(rows.width(), 4) << rule;
    EXPECT_EQ(rows.shards, 16) << rule;
    EXPECT_TRUE(rows.in_turns) << rule;
    EXPECT_EQ(rows.threads(3), 3) << rule;
  }
  for (const char* other : {"rule.name=uoro", "rule.reach=5", "update.every=2250"}) {
    const Plan parts = plan({other, "train.batch=64"}, 64, 2250, evidence);
    EXPECT_FALSE(parts.in_turns) << other;
    EXPECT_EQ(parts.shards, 2) << other;
  }
  const Plan short_rows = plan({"train.batch=64"}, 64, 28);
  EXPECT_EQ(short_rows.shards, 2) << "what fits is cut as ever";
  EXPECT_TRUE(short_rows.in_turns);
  EXPECT_FALSE(plan({"train.batch=31"}, 64, 28).in_turns) << "a single shard";
}

TEST(Plan, CutsRowsByTheMemoryThatIsGiven) {
  const auto with = [](const std::string& memory, const char* rule) {
    return plan({"train.memory=" + memory, std::string("rule.name=") + rule, "train.batch=64"}, 64, 2250, evidence);
  };
  EXPECT_EQ(with("100", "bptt").width(), 8);
  EXPECT_EQ(with("100", "bptt").threads(7), 1) << "two would take 185 MiB";
  EXPECT_EQ(with("12", "bptt").width(), 1);
  EXPECT_EQ(with("36", "bptt").width() * with("36", "bptt").threads(7), 3);
  EXPECT_EQ(with("2000", "bptt").shards, 2);
  EXPECT_THROW(with("11", "bptt"), Error);
  EXPECT_LT(with("11", "eprop").segment, 2250) << "which takes rows in parts, too";
}

TEST(Plan, GivesWideNetworksMoreStreams) {
  const Config config = Config::parse(
      "[model]\ncell='leaky'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='bptt'\n[task]\nname='sine'\n"
      "[train]\nbatch=64\n",
      "test");
  const auto width = [&](std::size_t weights) {
    return make_plan(TrainSettings(config), RuleSettings(config), Sized(64, 10000), {10000, weights}).width();
  };
  EXPECT_EQ(width(0), 4);
  EXPECT_EQ(width(std::size_t{300} << 10), 8);  // nine, shared out evenly
  EXPECT_EQ(width(std::size_t{1} << 30), 32);
}

TEST(Plan, RefusesWhatDoesNotFit) {
  EXPECT_THAT(refusal({}, 0, 0), testing::HasSubstr("[update.every] got \"trial\" on an endless stream"));
  EXPECT_THAT(refusal({"update.every=1"}, 0, 0), testing::HasSubstr("[train.updates] no number of updates"));
  EXPECT_THAT(refusal({"rule.name=bptt", "update.every=3"}, 1, 10), testing::HasSubstr("allowed is \"trial\""));
  EXPECT_THAT(refusal({"rule.name=tbptt", "rule.L=4", "update.every=3"}, 1, 10),
              testing::HasSubstr("allowed is 1 ... 3"));
}

}  // namespace
}  // namespace chronograd
