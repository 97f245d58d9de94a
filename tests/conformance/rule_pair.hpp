// SPDX-License-Identifier: Apache-2.0
// Every rule of the catalogue on every cell, and small problems for them.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "checking/compare.hpp"
#include "checking/problem_task.hpp"
#include "checking/random_problem.hpp"
#include "chronograd/cell.hpp"
#include "chronograd/gradient.hpp"
#include "chronograd/rule.hpp"

namespace chronograd::conformance {

using checking::close;
using checking::Named;
using checking::OracleProblem;
using checking::ProblemSettings;
using checking::RandomOptions;

struct RulePair {
  const RuleRecord* rule;
  const CellRecord* cell;
  std::string name() const { return std::string(rule->entry.name) + "_" + cell->entry.name; }
};
inline void PrintTo(const RulePair& pair, std::ostream* out) {
  *out << pair.name();
}

inline std::vector<RulePair> rule_pairs() {
  std::vector<RulePair> pairs;
  for (const RuleRecord* rule : catalogue<RuleRecord>())
    for (const CellRecord* cell : catalogue<CellRecord>()) pairs.push_back({rule, cell});
  return pairs;
}

/// It hears of no credit.
inline bool has_third_factor(const RuleRecord& rule) {
  return rule.entry.name == std::string("three_factor");
}

/// Leaves the problem's third factor to steps with a loss.
inline void mask_third(OracleProblem& p) {
  const auto q = static_cast<std::size_t>(p.third_numbers());
  for (std::size_t i = 0; i < p.third.size(); ++i)
    if (p.mask[i / q] == 0) p.third[i] = 0;
}

/// Update intervals that the rule allows, 0 for "trial".
inline std::vector<int> intervals(const RuleRecord& rule) {
  return rule.segments == Segments::row ? std::vector<int>{0} : std::vector<int>{1, 3, 0};
}

/// A rule that learns a model of its own learns fast enough for short rows to show it, and a difference of two losses
/// is large enough to keep its digits.
inline std::map<std::string, std::string> lively_options(const RuleRecord& rule) {
  std::map<std::string, std::string> options;
  for (const Option& option : rule.entry.options) {
    if (option.key == std::string("sg_lr")) options["sg_lr"] = "0.05";
    if (option.key == std::string("refresh")) options["refresh"] = "2";
    if (option.key == std::string("J_lr")) options["J_lr"] = "0.02";
    if (option.key == std::string("A_lr")) options["A_lr"] = "0.02";
    if (option.key == std::string("gamma_lr")) options["gamma_lr"] = "0.02";
  }
  if (has_option(rule.entry, "directions")) options["sigma"] = "0.05";
  return options;
}

/// A rule whose gradient depends on numbers that are drawn at each step or interval.
inline bool draws_by_step(const RuleRecord& rule) {
  return rule.promise == Promise::unbiased || rule.draws_by_interval;
}

/// A rule that guesses the credit of the present step as well, from the state alone.
inline bool guesses_all_credit(const RuleRecord& rule) {
  return has_option(rule.entry, "refresh");
}

/// The same for what a rule learns whatever the credit: here it learns nothing.
inline std::map<std::string, std::string> still_options(const RuleRecord& rule) {
  std::map<std::string, std::string> options = lively_options(rule);
  for (const char* key : {"A_lr", "gamma_lr", "J_lr"})
    if (options.count(key) != 0) options[key] = "0";
  return options;
}

inline Config config_of(const RulePair& pair, const OracleProblem& problem, int every,
                        const std::string& dtype = "float64", bool still = false) {
  return checking::problem_config(problem, {.rule = pair.rule->entry.name,
                                            .options = still ? still_options(*pair.rule) : lively_options(*pair.rule),
                                            .every = every,
                                            .dtype = dtype,
                                            .seed = 11});
}

inline Named to_named(const Arrays& arrays) {
  Named named;
  for (const auto& [name, array] : arrays) named[name] = checking::values_of(array);
  return named;
}

/// All that `gradient` writes.
inline Named run_gradient(const RulePair& pair, const OracleProblem& problem, int every,
                          const std::string& dtype = "float64", bool still = false) {
  return to_named(gradient(config_of(pair, problem, every, dtype, still), checking::ProblemTask(problem),
                           checking::problem_parameters(problem), "test"));
}

/// The part of it that belongs to parameters.
inline Named only_parameters(const Named& found, const OracleProblem& problem) {
  Named named;
  for (const auto& [name, values] : problem.parameters) named[name] = found.at(name);
  return named;
}

/// The problem's steps [from, to) as a row of their own, which starts from zero.
inline OracleProblem slice(const OracleProblem& problem, int from, int to) {
  OracleProblem part = problem;
  part.T = to - from;
  part.h0.clear();
  const auto cut = [&](checking::Vector& array, int width) {
    if (array.empty()) return;
    checking::Vector kept;
    for (int b = 0; b < problem.B; ++b)
      kept.insert(kept.end(), array.begin() + (b * problem.T + from) * width,
                  array.begin() + (b * problem.T + to) * width);
    array = kept;
  };
  cut(part.x, problem.n);
  cut(part.y, problem.m);
  cut(part.third, problem.third_numbers());
  cut(part.mask, 1);
  cut(part.reset, 1);
  return part;
}

}  // namespace chronograd::conformance
