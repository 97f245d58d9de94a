// SPDX-License-Identifier: Apache-2.0
// Holds the rules of the catalogue, on the cells of the catalogue, against the oracles, through the same functions that
// the program calls: float64, random small problems.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "checking/oracle.hpp"
#include "chronograd/cell.hpp"
#include "chronograd/config.hpp"
#include "chronograd/rule.hpp"

namespace chronograd::checking {

/// One comparison.
struct CheckRow {
  std::string rule;  ///< with its options, `tbptt(L=4)`
  std::string cell;
  std::string problem;     ///< what is special about it, and the update interval
  std::string quantity;    ///< what was compared, and with which oracle
  std::uint64_t seed = 0;  ///< the first_seed that brings the problem again
  double error = 0;        ///< max|a - b| / max|b| of the worst array; the absolute error where b is zero
  double tolerance = 0;    ///< 1e-12 where b is zero
  bool passed = false;
  /// Rules that are not exact: cosine of the gradient of the cell's parameters to the exact one; else NaN.
  double cosine = std::numeric_limits<double>::quiet_NaN();
  std::string detail;  ///< the worst array, or what went wrong
};

/// Told now and then how many parts of the work are done, of how many.
using CheckProgress = std::function<void(int done, int of)>;

struct CheckRequest {
  std::vector<std::string> rules = {};  ///< names; empty: all of the catalogue
  std::vector<std::string> cells = {};
  int seeds = 1;  ///< problems of each kind
  std::uint64_t first_seed = 0;
  CheckProgress progress = [](int, int) {};
};

/// Every rule on every cell. A rule or cell that has no oracle fails. Throws Error (usage) for unknown names.
std::vector<CheckRow> check_rules(const CheckRequest& request = {});

/// The rule of a configuration on its cell, with its options, constants, activations, loss, feedback, normalisation and
/// update interval, on random data and parameters of at most 12 units, 4 inputs, 4 outputs and 20 steps.
std::vector<CheckRow> check_config(
    const Config& config, int seeds = 1, std::uint64_t first_seed = 0, const CheckProgress& progress = [](int, int) {});

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

}  // namespace chronograd::checking
