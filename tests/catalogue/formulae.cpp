// SPDX-License-Identifier: Apache-2.0
// Formulae are data: each parses, is told in letters that are explained, and becomes TeX and numbers.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "chronograd/cell.hpp"
#include "chronograd/error.hpp"
#include "chronograd/feedback.hpp"
#include "chronograd/interface.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/optimizer.hpp"
#include "chronograd/rule.hpp"
#include "chronograd/synthesiser.hpp"
#include "config/notation.hpp"

namespace chronograd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string tex(const std::string& text) {
  return Formula(text).tex();
}

TEST(Formula, BecomesTeX) {
  EXPECT_EQ(tex("M_t = J_t M_{t-1} + Mbar_t"), R"(M_{t} = J_{t}\,M_{t - 1} + \bar{M}_{t})");
  EXPECT_EQ(tex("e_t[i,j] = A_t[i] e_{t-1}[i,j]"), R"(e_{t}[i,j] = A_{t}[i]\,e_{t - 1}[i,j])");
  EXPECT_EQ(tex("s~ <- rho0 J s~ + rho1 nu"), R"(\tilde{s} \leftarrow \rho_{0}\,J\,\tilde{s} + \rho_{1}\,\nu)");
  EXPECT_EQ(tex("M ~ s~ (x) theta~"), R"(M \approx \tilde{s} \otimes \tilde{\theta})");
  EXPECT_EQ(tex("rho1 = sqrt(|nu^T Mbar| / |nu|)"),
            R"(\rho_{1} = \sqrt{\left| \nu^{\top}\,\bar{M} \right| / \left| \nu \right|})");
  EXPECT_EQ(tex("dL/dtheta = sum_t delta_t Mbar_t"),
            R"(\frac{\mathrm{d}L}{\mathrm{d}\theta} = \sum_{t} \delta_{t}\,\bar{M}_{t})");
  EXPECT_EQ(tex("u_t = W_rec * h_{t-1} + b_h"), R"(u_{t} = W_{\mathrm{rec}} \odot h_{t - 1} + b_{h})");
  EXPECT_EQ(tex("L = -sum_k [y*_k log y_k + (1 - y*_k) log(1 - y_k)]"),
            R"(L = -\sum_{k} [y^{*}_{k}\,\log y_{k} + (1 - y^{*}_{k})\,\log(1 - y_{k})])");
  EXPECT_EQ(tex("L = 1/2 sum_k (y_k - y*_k)^2"), R"(L = \frac{1}{2}\,\sum_{k} (y_{k} - y^{*}_{k})^{2})");
  EXPECT_EQ(tex("n = 1: a_t = (s_t, y*_t, 1),  g = (c . s~) theta~"),
            R"(n = 1:\quad a_{t} = (s_{t}, y^{*}_{t}, 1),\quad g = (c \cdot \tilde{s})\,\tilde{\theta})");
  EXPECT_EQ(tex("theta <- (1 - lr weight_decay) theta"),
            R"(\theta \leftarrow (1 - \mathrm{lr}\,\mathrm{weight\_decay})\,\theta)");
  EXPECT_EQ(tex("m_hat = m/(1 - b1^k)"), R"(\hat{m} = \frac{m}{1 - b_{1}^{k}})");
  EXPECT_EQ(tex("lambda = exp(-exp(nu_log) + i exp(theta_log))"),
            R"(\lambda = \exp(-\exp(\nu_{\mathrm{log}}) + i\,\exp(\theta_{\mathrm{log}})))");
  EXPECT_EQ(tex("h_t = f(Re s_t)"), R"(h_{t} = f(\operatorname{Re} s_{t}))");
  EXPECT_EQ(tex("delta_s = sum_{s<=k<=t} dL_k/dh_s"),
            R"(\delta_{s} = \sum_{s \le k \le t} \frac{\mathrm{d}L_{k}}{\mathrm{d}h_{s}})");
}

TEST(Formula, HasAValue) {
  const std::map<std::string, double> letters = {{"d", 3}, {"n", 2}, {"m", 5}, {"K", 4}, {"p", 18}};
  EXPECT_EQ(Formula("0").value(letters), 0);
  EXPECT_EQ(Formula("d (d + m + 1)").value(letters), 27);
  EXPECT_EQ(Formula("d^2 p / K").value(letters), 40.5);
  EXPECT_EQ(Formula("d^2 p / K + d^3 + d n").value(letters), 73.5);
  EXPECT_EQ(Formula("p - K (d - 1) + n").value(letters), 12);
  EXPECT_EQ(Formula("d p / K n").value(letters), 27) << "from left to right";
  EXPECT_EQ(Formula("1/2 d").value(letters), 1.5);
  EXPECT_EQ(Formula("2 d - n - 1").value(letters), 3);
  EXPECT_EQ(Formula("-d + n").value(letters), -1);
  for (const char* text : {"d + x", "d_t", "d = n", "d (x) n", "sqrt(d)", "|d|", "d, n"})
    EXPECT_THROW(Formula(text).value(letters), std::invalid_argument) << text;
}

TEST(Formula, KnowsItsSymbols) {
  EXPECT_THAT(Formula("e_t[i,j] = A_t[i] e_{t-1}[i,j]").symbols(), ElementsAre("A", "e", "i", "j", "t"));
  EXPECT_THAT(Formula("dL/dtheta = sum_t c_t^T sqrt(W_rec)").symbols(), ElementsAre("L", "W_rec", "c", "t", "theta"));
  EXPECT_THAT(Formula("n = 1: s~ <- 2 J s~,  g = 0").defined(), ElementsAre("g", "s~"));
}

TEST(Formula, IsRefusedWhereItIsNone) {
  for (const char* text : {"", "d +", "d + )", "(d", "|d", "a_", "a_{t", "e[i", "a ? b", "the gradient, of all; it is"})
    EXPECT_THROW(Formula{text}, std::invalid_argument) << text;
  try {
    const Formula formula("d + (n");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "no formula: d + (n; a ) is missing: ");
  }
}

std::vector<const Entry*> entries_with_formulae() {
  std::vector<const Entry*> entries;
  const auto add = [&](const auto& catalogue) {
    for (const auto* record : catalogue) entries.push_back(&record->entry);
  };
  add(catalogue<RuleRecord>());
  add(catalogue<CellRecord>());
  add(catalogue<LossRecord>());
  add(catalogue<OptimizerRecord>());
  add(catalogue<FeedbackRecord>());
  return entries;
}

TEST(Formulae, OfEveryEntryUseLettersThatAreExplained) {
  for (const Entry* entry : entries_with_formulae()) {
    SCOPED_TRACE(entry->name);
    const std::vector<Formula> formulae = formulae_of(*entry);
    EXPECT_FALSE(formulae.empty());
    for (const Symbol& symbol : symbols_of(*entry, formulae, notation()))
      EXPECT_NE(symbol.meaning, "") << symbol.name << " is neither in docs/notation.md nor in the record's symbols";
    std::set<std::string> used;
    for (const Formula& formula : formulae) used.merge(formula.symbols());
    for (const Symbol& symbol : own_symbols(*entry)) {
      EXPECT_NE(symbol.meaning, "") << symbol.name;
      EXPECT_TRUE(used.contains(symbol.name)) << symbol.name << " is explained and not used";
    }
  }
}

TEST(Formulae, OfCostsUseLettersOfCosts) {
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    for (const char* text : {rule->memory, rule->time}) {
      ASSERT_STRNE(text, "") << rule->entry.name;
      for (const Symbol& symbol : symbols_of(rule->entry, {Formula(text)}, cost_letters()))
        EXPECT_NE(symbol.meaning, "") << rule->entry.name << ": " << symbol.name << " in " << text;
    }
}

TEST(Formulae, OfInterfacesUseTheirLetters) {
  std::vector<std::pair<const Entry*, const char*>> stated;
  for (const InterfaceRecord* one : catalogue<InterfaceRecord>()) stated.emplace_back(&one->entry, one->time);
  for (const SynthesiserRecord* one : catalogue<SynthesiserRecord>()) stated.emplace_back(&one->entry, one->time);
  for (const auto& [entry, text] : stated) {
    ASSERT_STRNE(text, "") << entry->name;
    for (const std::string& letter : Formula(text).symbols())
      EXPECT_TRUE(std::any_of(interface_letters().begin(), interface_letters().end(),
                              [&](const Symbol& one) { return one.name == letter; }))
          << entry->name << ": " << letter << " in " << text;
  }
}

TEST(Notation, IsThatOfTheDocument) {
  std::ifstream file(CHRONOGRAD_TEST_DATA "/../docs/notation.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const std::size_t costs = text.find("## Costs");
  ASSERT_NE(costs, std::string::npos);
  for (const Symbol& symbol : notation())
    EXPECT_TRUE(text.find("`" + symbol.name + "`") != std::string::npos ||
                text.find("`" + symbol.name + "_t`") != std::string::npos)
        << symbol.name;
  for (const std::vector<Symbol>* letters : {&cost_letters(), &interface_letters()})
    for (const Symbol& symbol : *letters)
      EXPECT_THAT(text.substr(costs), HasSubstr("| `" + symbol.name + "` |")) << symbol.name;
}

TEST(Formulae, OfAnAddedEntryAreChecked) {
  RuleRecord rule = *catalogue<RuleRecord>().front();
  rule.entry.name = "my_rule";
  rule.look = "";
  const auto refusal = [&]() -> std::string {
    try {
      add_entry(rule);
    } catch (const Error& error) {
      return error.what();
    }
    remove_entry<RuleRecord>("my_rule");
    return "";
  };
  EXPECT_EQ(refusal(), "");
  rule.memory = "d (d + n";
  EXPECT_THAT(refusal(), HasSubstr("[rule my_rule] got no formula: d (d + n; a ) is missing"));
  rule.memory = "";
  EXPECT_EQ(refusal(), "");
  rule.entry.formulae = "M_t = J_t M_{t-1}\nand so on, to the end;";
  EXPECT_THAT(refusal(), HasSubstr("docs/notation.md has the notation"));
}

}  // namespace
}  // namespace chronograd
