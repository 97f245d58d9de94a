// SPDX-License-Identifier: Apache-2.0
// What a rule or a cell cannot do is refused before anything runs, with the name and the reason: all pairs of the
// catalogues. (What is not refused works: rules.cpp and the check of every rule on every cell.)
#include <gtest/gtest.h>

#include "chronograd/error.hpp"
#include "conformance/rule_pair.hpp"
#include "training/plan.hpp"

namespace chronograd::conformance {
namespace {

using testing::AllOf;
using testing::HasSubstr;

template <class F>
std::string refusal(const F& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage) << error.what();
    return error.what();
  }
  return "";
}

class Refusals : public testing::TestWithParam<RulePair> {
 protected:
  const RuleRecord& rule() const { return *GetParam().rule; }
  const CellRecord& cell() const { return *GetParam().cell; }
  Config config(const std::vector<std::string>& changes = {}) const {
    return Config::parse(std::string("[model]\ncell='") + cell().entry.name +
                             "'\nhidden=4\n[loss]\nname='mse'\n[rule]\nname='" + rule().entry.name +
                             "'\n[task]\nname='sine'\n",
                         "test", changes);
  }
  Plan plan(const std::vector<std::string>& changes, std::int64_t length) const {
    class Rows final : public Task {
     public:
      explicit Rows(std::int64_t length) : length_(length) {}
      int inputs() const override { return 1; }
      int outputs() const override { return 1; }
      std::int64_t length(Split) const override { return length_; }
      std::int64_t rows(Split) const override { return length_ > 0 ? 1 : 0; }
      void read(Split, std::int64_t, std::int64_t, int, const Steps&) const override {}
      std::string summary() const override { return "rows"; }

     private:
      std::int64_t length_;
    };
    const Config changed = config(changes);
    return make_plan(TrainSettings(changed), RuleSettings(changed), Rows(length), {1000, 1000});
  }
};

TEST_P(Refusals, intervals_that_the_rule_cannot_take) {
  EXPECT_EQ(refusal([&] { plan({"update.every=trial"}, 10); }), "");
  const std::string numbered = refusal([&] { plan({"update.every=3"}, 10); });
  EXPECT_EQ(numbered.empty(), rule().segments != Segments::row);
  if (!numbered.empty()) {
    EXPECT_THAT(numbered, AllOf(HasSubstr("[update.every]"), HasSubstr(rule().entry.name), HasSubstr("end of a row"),
                                HasSubstr("\"trial\"")));
  }
  const std::string endless = refusal([&] { plan({"update.every=1", "train.updates=5"}, 0); });
  EXPECT_EQ(endless.empty(), rule().segments != Segments::row);
  EXPECT_THAT(refusal([&] { plan({"train.updates=5"}, 0); }),
              AllOf(HasSubstr("[update.every]"), HasSubstr("endless"),
                    HasSubstr(rule().segments == Segments::row ? rule().entry.name : "update.every=1")));
  if (!has_option(rule().entry, "L")) return;
  const std::string wide = refusal([&] { plan({"update.every=3", "rule.L=4"}, 10); });
  EXPECT_EQ(wide.empty(), rule().segments != Segments::interval);
  if (!wide.empty()) {
    EXPECT_THAT(wide, AllOf(HasSubstr("[rule.L] got 4"), HasSubstr("1 ... 3")));
  }
}

/// Settings of other rules and cells are not ignored: a user who sets one believes that it does something.
TEST_P(Refusals, settings_that_mean_nothing_here) {
  const auto expect_refused = [&](const std::string& table, const Entry& own, const Entry& other) {
    for (const Option& option : other.options) {
      if (has_option(own, option.key)) continue;
      EXPECT_THAT(refusal([&] { config({table + "." + option.key + "=1"}); }),
                  AllOf(HasSubstr("[" + table + "." + option.key + "]"),
                        HasSubstr(std::string(own.name) + " has no option"), HasSubstr(other.name)))
          << own.name << ", " << option.key;
    }
  };
  for (const RuleRecord* other : catalogue<RuleRecord>()) expect_refused("rule", rule().entry, other->entry);
  for (const CellRecord* other : catalogue<CellRecord>()) expect_refused("model", cell().entry, other->entry);
}

TEST_P(Refusals, gradients_of_single_steps_of_rules_that_look_ahead) {
  const OracleProblem p = checking::random_problem(
      3, {.cell = cell().entry.name, .activation = "tanh", .loss = "mse", .d = 2, .n = 1, .m = 1, .B = 1, .T = 4});
  const auto per_step = [&](int every) {
    GradientRequest request;
    request.per_step = true;
    return refusal([&] {
      gradient(config_of(GetParam(), p, every), checking::ProblemTask(p), checking::problem_parameters(p), "test",
               request);
    });
  };
  for (const int every : intervals(rule())) {
    const std::string text = per_step(every);
    EXPECT_EQ(text.empty(), rule().past_facing && every == 1) << every;
    if (text.empty()) continue;
    EXPECT_THAT(text, AllOf(HasSubstr("[--per-step]"), HasSubstr(rule().entry.name)));
    for (const RuleRecord* other : catalogue<RuleRecord>())
      if (other->past_facing) {
        EXPECT_THAT(text, HasSubstr(other->entry.name));
      }
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, Refusals, testing::ValuesIn(rule_pairs()),
                         [](const auto& test) { return test.param.name(); });

}  // namespace
}  // namespace chronograd::conformance
