// SPDX-License-Identifier: Apache-2.0
// The laws of all rules: built-in rules keep them, and a rule that is wrong in one way breaks the law of that way.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "catalogue/added.hpp"
#include "catalogue/own_cell.hpp"
#include "catalogue/own_rule.hpp"
#include "chronograd/check.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> with_verdict(const std::vector<Law>& laws, Law::Verdict verdict) {
  std::vector<std::string> names;
  for (const Law& law : laws)
    if (law.verdict == verdict) names.push_back(law.name);
  return names;
}

std::vector<std::string> broken(const std::vector<Law>& laws) {
  return with_verdict(laws, Law::Verdict::broken);
}

class BuiltIn : public testing::TestWithParam<std::string> {
 protected:
  const RuleRecord& rule() const { return find_record<RuleRecord>("rule.name", GetParam()); }
  std::vector<std::vector<std::string>> settings() const {
    std::vector<std::vector<std::string>> all = {{}};
    if (has_option(rule().entry, "refresh")) all.push_back({"sg_lr=0.05", "refresh=2"});
    if (has_option(rule().entry, "synthesiser")) all.push_back({"sg_lr=0.01", "synthesiser=mlp", "sg_hidden=4"});
    if (has_option(rule().entry, "aux")) all.push_back({"sg_lr=0.05", "aux=1", "learn=all"});
    if (has_option(rule().entry, "block")) all.insert(all.end(), {{"block=1"}, {"block=4"}});
    if (has_option(rule().entry, "L")) all.push_back({"L=3"});
    if (has_option(rule().entry, "pattern")) all.insert(all.end(), {{"n=2"}, {"pattern=strict"}});
    return all;
  }
};

TEST_P(BuiltIn, RuleKeepsTheLawsOnEveryCell) {
  for (const CellRecord* cell : catalogue<CellRecord>())
    for (const int layers : {1, 2})
      for (const std::vector<std::string>& options : settings()) {
        const std::vector<Law> laws =
            check_laws(rule(), {.cell = cell->entry.name, .layers = layers, .options = options, .seed = 3});
        for (const Law& law : laws) {
          SCOPED_TRACE(std::string(cell->entry.name) + ", layers " + std::to_string(layers) + ", " + law.name +
                       (options.empty() ? "" : ", " + options.front()));
          EXPECT_NE(law.verdict, Law::Verdict::broken) << law.measured << " " << law.why;
          EXPECT_EQ(std::isnan(law.measured), law.verdict == Law::Verdict::not_applicable);
          EXPECT_NE(law.text, "");
          EXPECT_NE(law.why, "");
        }
      }
}

INSTANTIATE_TEST_SUITE_P(Rules, BuiltIn, testing::ValuesIn(names_of<RuleRecord>()),
                         [](const auto& one) { return one.param; });

// What a law does not ask of a rule follows from what its record promises.
TEST(Laws, ThatDoNotApplyAreThoseThatTheRecordExcludes) {
  const auto left_out = [](const char* name) {
    return with_verdict(check_laws(find_record<RuleRecord>("rule.name", name)), Law::Verdict::not_applicable);
  };
  EXPECT_THAT(left_out("rtrl"), IsEmpty());
  EXPECT_THAT(left_out("bptt"), ElementsAre("segments", "past"));
  EXPECT_THAT(left_out("tbptt"), ElementsAre("segments", "past", "exact"));
  EXPECT_THAT(left_out("rflo"), ElementsAre("exact"));
  EXPECT_THAT(left_out("uoro"), ElementsAre("exact"));
  EXPECT_THAT(left_out("dni"), ElementsAre("streams", "reset", "past", "exact"));
  EXPECT_THAT(left_out("dni_window"), ElementsAre("segments", "streams", "reset", "past", "exact"));
}

TEST(Laws, AreKeptByARuleFromOutsideThatIsInNoCatalogue) {
  const std::vector<Law> laws = check_laws(own::traces_record());
  EXPECT_THAT(broken(laws), IsEmpty());
  EXPECT_THAT(with_verdict(laws, Law::Verdict::not_applicable), ElementsAre("exact"));
  const CellRecord cell = own::lstm_record();
  const Added<CellRecord> added(cell);
  EXPECT_THAT(broken(check_laws(own::traces_record(), {.cell = "my_lstm"})), IsEmpty());
}

std::vector<std::string> broken_by(own::Fault fault) {
  return broken(check_laws(own::traces_record("faulty", fault)));
}

TEST(Laws, FindAStateThatIsNotNamed) {
  EXPECT_THAT(broken_by(own::Fault::unnamed_state), ElementsAre("state"));
}

TEST(Laws, FindAResetThatIsIgnored) {
  EXPECT_THAT(broken_by(own::Fault::no_reset), ElementsAre("reset"));
}

TEST(Laws, FindStreamsThatAreMixed) {
  EXPECT_THAT(broken_by(own::Fault::mixed_streams), ElementsAre("streams"));
}

TEST(Laws, FindAGradientThatComesLate) {
  EXPECT_THAT(broken_by(own::Fault::late), ElementsAre("past"));
  // A window that looks ahead, whose record says that it does not.
  RuleRecord window = find_record<RuleRecord>("rule.name", "f_bptt");
  EXPECT_THAT(broken(check_laws(window)), IsEmpty());
  window.past_facing = true;
  EXPECT_THAT(broken(check_laws(window)), ElementsAre("past"));
}

TEST(Laws, FindLearningWithoutAnError) {
  EXPECT_THAT(broken_by(own::Fault::restless), ElementsAre("silence"));
}

TEST(Laws, FindABorderOfSegmentsThatMatters) {
  EXPECT_THAT(broken_by(own::Fault::first_step), Contains("segments"));
}

TEST(Laws, FindRunsThatDiffer) {
  EXPECT_THAT(broken_by(own::Fault::fickle), Contains("again"));
}

TEST(Laws, FindAnApproximationThatIsCalledExact) {
  own::TracesRecord record = own::traces_record();
  record.promise = Promise::exact;
  EXPECT_THAT(broken(check_laws(record)), ElementsAre("exact"));
  // Where units recur with themselves alone it is.
  EXPECT_THAT(broken(check_laws(record, {.cell = "lru"})), IsEmpty());
}

TEST(Laws, AreBrokenByARuleThatThrows) {
  const std::vector<Law> laws = check_laws(own::traces_record(), {.layers = 2});
  EXPECT_EQ(broken(laws).size(), 7u);
  EXPECT_TRUE(std::isnan(laws.front().measured));
  EXPECT_EQ(laws.front().why, "[model.layers] got 2, allowed is 1 with this rule.");
}

TEST(Laws, AreAskedOfSettingsThatExist) {
  const RuleRecord& snap = find_record<RuleRecord>("rule.name", "snap");
  EXPECT_THROW(check_laws(snap, {.options = {"m=2"}}), Error);
  EXPECT_THROW(check_laws(snap, {.options = {"n=0"}}), Error);
  EXPECT_THROW(check_laws(snap, {.options = {"n"}}), Error);
  EXPECT_THROW(check_laws(snap, {.cell = "grü"}), Error);
}

}  // namespace
}  // namespace chronograd
