// SPDX-License-Identifier: Apache-2.0
// Rules that are said to be one rule learn the same, and rules that learn the same are said to be one: every rule
// beside every other, on every cell.
#include "chronograd/train.hpp"
#include "conformance/jumps.hpp"
#include "conformance/rule_pair.hpp"
#include "studies/cautions.hpp"

namespace chronograd::conformance {
namespace {

/// The rules, and windows of one step, which are other rules.
std::vector<std::pair<std::string, std::map<std::string, std::string>>> ways() {
  std::vector<std::pair<std::string, std::map<std::string, std::string>>> all;
  for (const RuleRecord* rule : catalogue<RuleRecord>()) {
    all.emplace_back(rule->entry.name, std::map<std::string, std::string>());
    // Four products are all that there is of a cell that reads three regressors: with one they are too few everywhere.
    if (has_option(rule->entry, "r")) all.back().second = {{"r", "1"}};
    for (const Option& option : rule->entry.options)
      if (option.key == std::string("L")) all.push_back({rule->entry.name, {{"L", "1"}}});
  }
  return all;
}

class Coinciding : public testing::TestWithParam<const CellRecord*> {};

TEST_P(Coinciding, RulesAreThoseThatLearnTheSame) {
  for (const double alpha : {1.0, 0.5})
    for (const int every : {1, 4, 0}) {
      OracleProblem p = checking::random_problem(5, {.cell = GetParam()->entry.name,
                                                     .activation = "tanh",
                                                     .loss = "mse",
                                                     .output = "identity",
                                                     .d = 5,
                                                     .n = 2,
                                                     .m = 2,
                                                     .B = 2,
                                                     .T = 40,
                                                     .gain = 0.9});
      if (!p.alpha.empty()) p.alpha.assign(p.alpha.size(), alpha);
      struct Found {
        std::string name, effect;
        Named learnt;
      };
      const Arrays parameters = checking::problem_parameters(p);
      std::vector<Found> found;
      for (const auto& [rule, options] : ways()) {
        const RuleRecord& record = find_record<RuleRecord>("rule", rule);
        if (record.segments == Segments::row && every != 0) continue;
        if (rule == "perturb" && jumps(*GetParam())) continue;  // small changes of weights move no spike
        const Config config =
            checking::problem_config(p, {.rule = rule, .options = options, .every = every, .seed = 3});
        RunOptions run;
        run.parameters = &parameters;
        found.push_back({rule + (options.empty() ? "" : "(L=1)"), rule_in_effect(config),
                         only_parameters(to_named(train(config, checking::ProblemTask(p), run).parameters), p)});
      }
      for (const Found& a : found)
        for (const Found& b : found)
          EXPECT_EQ(a.effect == b.effect, static_cast<bool>(close(a.learnt, b.learnt, 1e-10)))
              << a.name << " and " << b.name << ", alpha " << alpha << ", every " << every;
    }
}

INSTANTIATE_TEST_SUITE_P(catalogue, Coinciding,
                         testing::ValuesIn(std::vector<const CellRecord*>(catalogue<CellRecord>().begin(),
                                                                          catalogue<CellRecord>().end())),
                         [](const auto& test) { return std::string(test.param->entry.name); });

}  // namespace
}  // namespace chronograd::conformance
