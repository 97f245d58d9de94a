// SPDX-License-Identifier: Apache-2.0
// Runs that are stopped inside of an update interval go on from the one before it, to the same bits.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "catalogue/added.hpp"
#include "chronograd/look_for_stop.hpp"
#include "chronograd/rule.hpp"
#include "resume/trace.hpp"

namespace chronograd {
namespace {

/// What another rule does, and a millisecond a step more, on machines of any speed.
template <class T>
class SlowRule final : public Rule<T> {
 public:
  explicit SlowRule(std::unique_ptr<Rule<T>> rule) : rule_(std::move(rule)) {}
  void learn(Layers<T> layers, const Credit<T>& credit, T* grad) override {
    rule_->learn(layers, credit, grad);  // when it is stopped it has learnt
    for (int k = 0; k < layers[0].steps; ++k) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      look_for_stop();
    }
  }
  void flush(T* grad) override { rule_->flush(grad); }
  void begin() override { rule_->begin(); }
  void state(Archive& archive) override { rule_->state(archive); }

 private:
  std::unique_ptr<Rule<T>> rule_;
};

struct SlowRecord : RuleRecord {
  explicit SlowRecord(const RuleRecord& record) : RuleRecord(record), quick(record) {
    entry.name = "slow";
    make_float = [](const RuleSetup<float>& setup) { return slow(setup); };
    make_double = [](const RuleSetup<double>& setup) { return slow(setup); };
  }
  const RuleRecord& quick;

 private:
  template <class T>
  static std::unique_ptr<Rule<T>> slow(const RuleSetup<T>& setup) {
    const RuleRecord& quick = static_cast<const SlowRecord&>(setup.record).quick;
    if constexpr (sizeof(T) == sizeof(float))
      return std::make_unique<SlowRule<T>>(quick.make_float(setup));
    else
      return std::make_unique<SlowRule<T>>(quick.make_double(setup));
  }
};

/// Says no when it is asked in the interval that comes after `updates` updates.
std::function<bool(const Position&)> inside(std::int64_t updates, bool resumed) {
  return [updates, between = updates == 0 || resumed](const Position& position) mutable {
    return position.update != updates || !std::exchange(between, true);  // at first it is asked between the two
  };
}

struct Kind {
  const char* name;
  const char* rule;
  std::vector<std::string> settings;
};
void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

class StoppedInside : public testing::TestWithParam<Kind> {};

TEST_P(StoppedInside, GoesOnToTheSameBits) {
  const SlowRecord record(find_record<RuleRecord>("rule.name", GetParam().rule));
  const Added<RuleRecord> added(record);
  const Config config = small_config({"rule.name=slow", "task.name=add", "train.updates=3", "train.test_steps=20",
                                      "train.report_every=2"})
                            .with(GetParam().settings);
  const Trace expected = whole(config);
  ASSERT_EQ(expected.result.status, RunResult::Status::done);
  const Folder folder;
  Trace found;
  bool resumed = false;
  for (const std::int64_t updates : {0, 0, 2, 2}) {
    go(config, (folder / "").string(), found, inside(updates, resumed));
    ASSERT_EQ(found.result.status, RunResult::Status::stopped);
    ASSERT_EQ(found.result.updates, updates);
    ASSERT_TRUE(exists(folder / ("update-" + std::to_string(updates) + ".npz")));
    resumed = updates == 2;
  }
  go(config, (folder / "").string(), found);
  expect_same(found, expected);
}

INSTANTIATE_TEST_SUITE_P(
    of, StoppedInside,
    testing::Values(Kind{"rows", "dni", {"update.every=trial", "task.length=260"}},
                    Kind{"a_stream", "dni", {"update.every=260"}},
                    Kind{"parts_of_rows", "rflo", {"update.every=260", "task.length=520"}},
                    Kind{"two_threads", "rflo", {"update.every=260", "train.batch=70", "threads=2"}},
                    Kind{"watched_rows", "bptt", {"update.every=trial", "task.length=260", "watch.rules=snap,dni"}}),
    [](const auto& test) { return test.param.name; });

/// Nothing is lost either where there is no folder.
TEST(StoppedInside, LeavesTheWeightsOfItsLastUpdate) {
  const SlowRecord record(find_record<RuleRecord>("rule.name", "rflo"));
  const Added<RuleRecord> added(record);
  const Config config = small_config({"rule.name=slow", "task.name=add", "update.every=260", "train.updates=3"});
  Watcher watcher;
  watcher.goes_on = inside(2, false);
  RunOptions options;
  options.observer = &watcher;
  const RunResult stopped = train(config, *make_task(config), options);
  ASSERT_EQ(stopped.status, RunResult::Status::stopped);
  const RunResult two = trained(config.with({"train.updates=2"}));
  EXPECT_EQ(stopped.parameters.at("W_rec").f64, two.parameters.at("W_rec").f64);
}

}  // namespace
}  // namespace chronograd
