// SPDX-License-Identifier: Apache-2.0
// Catalogues that grow while the program runs.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "catalogue/added.hpp"
#include "catalogue/own_cell.hpp"
#include "catalogue/own_rule.hpp"
#include "catalogue_view.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/optimizer.hpp"
#include "cost/cost_model.hpp"

namespace chronograd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// What `act` throws, which must be an Error (usage).
template <class F>
std::string refusal(const F& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    return error.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

const RuleRecord& rule(const char* name) {
  return find_record<RuleRecord>("rule.name", name);
}

TEST(OwnEntries, AreListedLast) {
  const std::vector<std::string> built_in = names_of<RuleRecord>();
  const auto before = catalogue<RuleRecord>();
  const own::TracesRecord first = own::traces_record("first"), second = own::traces_record("second");
  {
    const Added<RuleRecord> one(first), two(second);
    std::vector<std::string> all = built_in;
    all.insert(all.end(), {"first", "second"});
    EXPECT_EQ(names_of<RuleRecord>(), all);
    EXPECT_EQ(&rule("second"), &second);
    // A list that somebody holds stays as it was.
    EXPECT_EQ(before.size(), built_in.size());
  }
  EXPECT_EQ(names_of<RuleRecord>(), built_in);
}

TEST(OwnEntries, OfTheSameNameAreReplacedInTheirPlace) {
  const own::TracesRecord first = own::traces_record("mine"), other = own::traces_record("other"),
                          second = own::traces_record("mine");
  const Added<RuleRecord> one(first), two(other);
  const std::vector<std::string> names = names_of<RuleRecord>();
  add_entry<RuleRecord>(second);
  EXPECT_EQ(names_of<RuleRecord>(), names);
  EXPECT_EQ(&rule("mine"), &second);
}

TEST(OwnEntries, DoNotTakeTheNameOfABuiltInOne) {
  const own::TracesRecord record = own::traces_record("rflo");
  const RuleRecord* const before = &rule("rflo");
  EXPECT_EQ(refusal([&] { add_entry<RuleRecord>(record); }),
            "[rule] got \"rflo\", the name of a built-in entry, allowed is any other name. Call it my_rflo, for "
            "instance.");
  EXPECT_EQ(&rule("rflo"), before);
  EXPECT_EQ(
      refusal([] { remove_entry<RuleRecord>("rflo"); }),
      "[rule] got \"rflo\", the name of a built-in entry, allowed are names that were added, and there are none.");
  EXPECT_EQ(&rule("rflo"), before);
}

TEST(OwnEntries, ThatAreNotThereAreNotRemoved) {
  EXPECT_EQ(refusal([] { remove_entry<CellRecord>("mine"); }),
            "[cell] got \"mine\", allowed are names that were added, and there are none.");
  const CellRecord record = own::lstm_record();
  const Added<CellRecord> added(record);
  EXPECT_THAT(refusal([] { remove_entry<CellRecord>("my_lstn"); }), HasSubstr("did you mean my_lstm?"));
  EXPECT_THAT(refusal([] { remove_entry<CellRecord>("gru"); }),
              HasSubstr("allowed are those that were added: my_lstm."));
}

TEST(OwnEntries, MustBeWhole) {
  const auto rule_refusal = [](auto change) {
    RuleRecord record = own::traces_record("mine");
    change(record);
    return refusal([&] { add_entry(record); });
  };
  EXPECT_THAT(rule_refusal([](RuleRecord& r) { r.entry.name = "two words"; }), HasSubstr("got the name \"two words\""));
  EXPECT_THAT(rule_refusal([](RuleRecord& r) { r.entry.name = ""; }), HasSubstr("letters, digits and _"));
  EXPECT_THAT(rule_refusal([](RuleRecord& r) { r.entry.name = nullptr; }), HasSubstr("got no name"));
  EXPECT_THAT(rule_refusal([](RuleRecord& r) { r.entry.title = nullptr; }), HasSubstr("[rule mine] got no title"));
  EXPECT_THAT(rule_refusal([](RuleRecord& r) { r.make_float = nullptr; }), HasSubstr("got no make_float"));
  static constexpr Option out_of_range[] = {{.key = "L", .type = OptionType::integer, .fallback = "0", .low = 1}};
  EXPECT_EQ(rule_refusal([](RuleRecord& r) { r.entry.options = out_of_range; }),
            "[rule mine.L] got the default \"0\", allowed is a whole number >= 1.");
  EXPECT_EQ(
      rule_refusal([](RuleRecord& r) { r.lag = "T - 1"; }),
      "[rule mine] got the lag \"T - 1\", allowed are whole-number settings of its own that have a default, not T.");
  CellRecord cell = own::lstm_record();
  cell.further[0] = nullptr;
  EXPECT_THAT(refusal([&] { add_entry(cell); }), HasSubstr("got no name of a further state"));
  cell = own::lstm_record();
  cell.kernels_double.push = nullptr;
  EXPECT_THAT(refusal([&] { add_entry(cell); }), HasSubstr("got no kernels_double"));
  EXPECT_THAT(refusal([] {
                const OptimizerRecord record = {
                    .entry = {.name = "mine", .title = ""}, .make_float = {}, .make_double = {}};
                add_entry(record);
              }),
              HasSubstr("[optimizer mine] got no make_float"));
  EXPECT_THAT(names_of<RuleRecord>(), Not(Contains("mine")));
}

constexpr Option depth_options[] = {{.key = "depth",
                                     .type = OptionType::integer,
                                     .fallback = "3",
                                     .low = 1,
                                     .high = 9,
                                     .unit = "steps",
                                     .help = "how far it looks"}};

TEST(OwnEntries, AreCheckedAndRecordedLikeBuiltInOnes) {
  own::TracesRecord record = own::traces_record();
  record.entry.options = depth_options;
  std::string json;
  {
    const Added<RuleRecord> added(record);
    EXPECT_EQ(small_config({"rule.name=my_rflo"}).table("rule").integer("depth"), 3);
    const Config config = small_config({"rule.name=my_rflo", "rule.depth=5"});
    EXPECT_EQ(config.with_method("my_rflo(depth=2)").table("rule").integer("depth"), 2);
    EXPECT_FALSE(config.with_method("rtrl").table("rule").has("depth"));
    EXPECT_THAT(refusal([] { small_config({"rule.name=my_rflo", "rule.depth=10"}); }), HasSubstr("rule.depth"));
    EXPECT_THAT(refusal([] {
                  small_config({"rule.name=my_rflo", "rule.detph=2"});
                }),
                HasSubstr("did you mean rule.depth?"));
    EXPECT_THAT(refusal([] { small_config({"rule.name=my_rfol"}); }), HasSubstr("my_rflo"));
    json = config.resolved_json();
    EXPECT_EQ(Config::from_record(json, "record").resolved_json(), json);
    EXPECT_EQ(small_config({"watch.rules=[\"my_rflo\"]"}).table("watch").words("rules"),
              std::vector<std::string>{"my_rflo"});
  }
  EXPECT_THROW(Config::from_record(json, "record"), Error);
  EXPECT_THROW(small_config({"rule.name=my_rflo"}), Error);
}

TEST(OwnEntries, AreShownAndWhatTheyDoNotStateIsADash) {
  const own::TracesRecord record = own::traces_record();
  const Added<RuleRecord> added(record);
  const std::vector<View> views = find_kind("", "rules").views();
  const auto view = std::find_if(views.begin(), views.end(),
                                 [](const View& one) { return one.entry->name == std::string("my_rflo"); });
  ASSERT_NE(view, views.end());
  std::map<std::string, std::string> facts(view->facts.begin(), view->facts.end());
  EXPECT_EQ(facts.at("promise"), "biased; exact when W_rec = 0");
  EXPECT_EQ(facts.at("memory"), "-");
  EXPECT_EQ(facts.at("time"), "-");
  const Cost cost = cost_of(record, CostSizes{});
  EXPECT_TRUE(std::isnan(cost.kept));
  EXPECT_TRUE(std::isnan(cost.multiply_adds));
}

TEST(OwnEntries, CanBeAddedWhileOthersRead) {
  const std::vector<std::string> built_in = names_of<RuleRecord>();
  const own::TracesRecord record = own::traces_record("mine");
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0, lists = 0;
  std::vector<std::thread> readers;
  for (int k = 0; k < 2; ++k)
    readers.emplace_back([&] {
      do {
        const std::vector<std::string> names = names_of<RuleRecord>();
        const bool grown = names.size() == built_in.size() + 1 && names.back() == "mine";
        if (!std::equal(built_in.begin(), built_in.end(), names.begin()) || (names.size() > built_in.size() && !grown))
          ++wrong;
        ++lists;
      } while (!done);
    });
  for (int k = 0; k < 200; ++k) {
    add_entry<RuleRecord>(record);
    remove_entry<RuleRecord>("mine");
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(lists, 2);
}

}  // namespace
}  // namespace chronograd
