// SPDX-License-Identifier: Apache-2.0
// The problems that chronograd/check.hpp holds rules against oracles on, one by one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "checking/oracle.hpp"
#include "chronograd/cell.hpp"
#include "chronograd/check.hpp"
#include "chronograd/config.hpp"
#include "chronograd/rule.hpp"

namespace chronograd::checking {

/// A problem for one rule, and how it is to be run.
struct CheckCase {
  std::string name;
  OracleProblem problem;
  std::string feedback = {};  ///< as in ProblemSettings
  bool mean = false;          ///< loss.normalize
  std::uint64_t seed = 0;     ///< of all that is drawn for it
  std::uint64_t first_seed = 0;
};

/// The problems of one seed for a cell; the same at every call.
std::vector<CheckCase> check_cases(const CellRecord& cell, std::uint64_t seed);

/// Compares a rule in one setting with all oracles that apply.
void check_case(const RuleRecord& rule, const std::map<std::string, std::string>& options, int every,
                const CheckCase& test, std::vector<CheckRow>& rows);
/// For an unbiased rule: its mean over all sign patterns is the exact gradient.
void check_mean(const RuleRecord& rule, const std::map<std::string, std::string>& options, const CellRecord& cell,
                std::uint64_t seed, std::vector<CheckRow>& rows);

/// Tells how far a check is. Throws Error (interrupted) where the observer stops it.
void tell(Observer* observer, int done, int of);

}  // namespace chronograd::checking
