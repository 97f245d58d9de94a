// SPDX-License-Identifier: Apache-2.0
// The check of rules and cells: all of the catalogue passes, and what cannot be checked fails.
#include "checking/check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

void expect_passed(const std::vector<CheckRow>& rows) {
  for (const CheckRow& row : rows)
    EXPECT_TRUE(row.passed) << row.rule << " on " << row.cell << ", " << row.problem << ", seed " << row.seed << ": "
                            << row.quantity << ", error " << row.error << ", " << row.detail;
}

TEST(Check, every_rule_passes_on_every_cell) {
  const std::vector<CheckRow> rows = check_rules();
  expect_passed(rows);
  std::set<std::pair<std::string, std::string>> learnt, frozen;
  for (const CheckRow& row : rows) {
    const std::pair pair(row.rule.substr(0, row.rule.find('(')), row.cell);
    if (row.quantity == "weights after learning, dense rule") learnt.insert(pair);
    if (row.quantity == "gradient, dense rule") frozen.insert(pair);
    // A random rule takes roots of what cancels but for rounding: of echoes of a state, and of sums of outputs.
    const auto& cell = find_record<CellRecord>("cell", row.cell);
    const bool roots = find_record<RuleRecord>("rule", pair.first).promise == Promise::unbiased &&
                       (row.problem.starts_with("mean ") || (!cell.h_carries && has_option(cell.entry, "activation")));
    EXPECT_LE(row.tolerance, roots ? 1e-6 : 1e-9) << row.rule << " on " << row.cell;
    EXPECT_FALSE(row.detail.empty());
  }
  const std::size_t pairs = catalogue<RuleRecord>().size() * catalogue<CellRecord>().size();
  EXPECT_EQ(learnt.size(), pairs);
  EXPECT_EQ(frozen.size(), pairs);
}

TEST(Check, a_rule_without_a_definition_fails) {
  RuleRecord unknown = *catalogue<RuleRecord>().front();
  unknown.entry.name = "nonsense";
  for (const CellRecord* cell : catalogue<CellRecord>()) {
    std::vector<CheckRow> rows;
    check_case(unknown, {}, 1, check_cases(*cell, 0).front(), rows);
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_FALSE(rows[0].passed);
    EXPECT_TRUE(std::isnan(rows[0].error));
    EXPECT_NE(rows[0].detail.find("nonsense"), std::string::npos);
  }
}

TEST(Check, a_cell_without_an_oracle_fails) {
  CellRecord unknown = *catalogue<CellRecord>().front();
  unknown.entry.name = "nonsense";
  std::vector<CheckRow> rows;
  check_case(*catalogue<RuleRecord>().front(), {}, 1, check_cases(unknown, 0).front(), rows);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_FALSE(rows[0].passed);
}

/// Rules that claim to be exact and are not.
TEST(Check, a_wrong_claim_fails) {
  const std::vector<CheckCase> cases = check_cases(*catalogue<CellRecord>().front(), 0);
  const auto test =
      std::find_if(cases.begin(), cases.end(), [](const CheckCase& c) { return !c.problem.feedback.empty(); });
  ASSERT_NE(test, cases.end());
  for (const char* name : {"rflo", "snap", "immediate", "tbptt"}) {
    RuleRecord mistaken = find_record<RuleRecord>("", name);
    mistaken.promise = Promise::exact;
    std::vector<CheckRow> rows;
    check_case(mistaken, {}, 3, *test, rows);
    EXPECT_GE(rows.size(), 4u);
    for (const CheckRow& row : rows) {
      EXPECT_EQ(row.passed, row.quantity != "gradient, double sum") << name << ", " << row.quantity;
      if (!row.passed) {
        EXPECT_GT(row.error, 1e-4) << name;
      }
    }
  }
}

TEST(Check, unknown_names_are_refused) {
  EXPECT_THROW(check_rules({.rules = {"rtlr"}}), Error);
  EXPECT_THROW(check_rules({.cells = {"leeky"}}), Error);
}

TEST(Check, seeds_are_reproducible) {
  const auto both = check_rules({.rules = {"rflo"}, .cells = {"gru"}, .seeds = 2}),
             second = check_rules({.rules = {"rflo"}, .cells = {"gru"}, .seeds = 1, .first_seed = 1});
  ASSERT_EQ(both.size(), 2 * second.size());
  for (std::size_t k = 0; k < second.size(); ++k) {
    const CheckRow& row = both[second.size() + k];
    EXPECT_EQ(row.error, second[k].error);
    EXPECT_EQ(row.seed, second[k].seed);
    EXPECT_EQ(row.problem, second[k].problem);
  }
}

TEST(Check, configurations) {
  const char* texts[] = {
      "[model]\ncell = \"leaky\"\nhidden = 500\ntau = 20.0\ndt = 5.0\nactivation = \"relu\"\ndensity = 0.3\nnoise = "
      "0.1\n"
      "[rule]\nname = \"rflo\"\nfeedback = \"random\"\n[loss]\nname = \"cross_entropy\"\n[update]\nevery = 7\n",
      "[model]\ncell = \"gru\"\nhidden = 3\n[rule]\nname = \"tbptt\"\nL = 100\n[loss]\nname = \"bce\"\n[update]\nevery "
      "= "
      "1000\n",
      "[model]\ncell = \"leaky\"\nhidden = 4\nalpha = [0.1, 0.2, 0.3, 1.0]\n[rule]\nname = \"dni\"\nsg_lr = "
      "0.01\nrefresh "
      "= 3\n[loss]\nname = \"mse\"\nnormalize = \"sum\"\n[readout]\nactivation = \"tanh\"\n[update]\nevery = 1\n",
      "[model]\ncell = \"leaky\"\nhidden = 2\n[rule]\nname = \"uoro\"\n[loss]\nname = \"mse\"\n[update]\nevery = 2\n",
  };
  for (const char* text : texts) {
    const auto rows = check_config(Config::parse(text, "test"), 2);
    EXPECT_GE(rows.size(), 8u);
    expect_passed(rows);
  }
}

}  // namespace
}  // namespace chronograd::checking
