// SPDX-License-Identifier: Apache-2.0
// What can be checked of learning rules: against laws that need no second implementation, and against oracles.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "chronograd/config.hpp"
#include "chronograd/export.hpp"
#include "chronograd/observer.hpp"
#include "chronograd/rule.hpp"

namespace chronograd {

/// A law that every rule keeps, and how far one rule is from keeping it.
struct Law {
  enum class Verdict {
    kept,
    broken,
    not_applicable  ///< the rule's record promises something that the law does not go with; `why` says what
  };
  std::string name;  ///< a word
  std::string text;  ///< what it says
  Verdict verdict = Verdict::broken;
  /// max|a - b| / max|b| over the gradients of the cell's weights that must agree; the absolute number where b is zero.
  /// NaN where nothing was measured.
  double measured = 0;
  double tolerance = 0;  ///< the largest number that counts as kept
  std::string why;       ///< why so much is allowed, why the law does not apply, or what the rule threw
};

/// What a rule is checked on.
struct LawRequest {
  std::string cell = "leaky";  ///< a name of the catalogue
  int layers = 1;              ///< layers of this cell
  /// Settings of the rule that differ from their defaults: `n=2`, `pattern="strict"`.
  std::vector<std::string> options = {};
  std::uint64_t seed = 0;        ///< of weights, data and the rule's own draws
  Observer* observer = nullptr;  ///< told how many laws are done, may stop it; null: nobody
};

/// The laws of all rules, held against one in float64 on a small random problem: three streams of 24 steps, some of
/// them without a loss, one stream with a reset.
///   segments  the gradient of a row does not depend on how it is cut into segments
///   streams   streams side by side have the sum of the gradients that each has alone
///   reset     a reset is the end of a row and the beginning of another
///   silence   no error, no gradient, to the bit
///   again     the same run has the same bits
///   state     a rule saved in mid-stream and restored goes on to the same bits
///   past      under K = 1 a step's gradient is that of its own loss: no other target changes a bit of it
///   exact     the gradient is that of one backward scan over the row
/// The record need not be in the catalogue. Throws Error (usage) for an unknown cell and for settings that the rule
/// does not have, Error (interrupted) where the observer says to stop; what the rule throws makes the law broken.
CHRONOGRAD_API std::vector<Law> check_laws(const RuleRecord& rule, const LawRequest& request = {});

// What follows goes through the functions that train and compute gradients for everybody, in float64, on small random
// problems, and holds the results against independent computations from the definitions.

/// One comparison of a rule with an oracle: an independent computation of the same numbers.
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

struct CheckRequest {
  std::vector<std::string> rules = {};  ///< names; empty: all of the catalogue
  std::vector<std::string> cells = {};
  int seeds = 1;  ///< problems of each kind
  std::uint64_t first_seed = 0;
  Observer* observer = nullptr;  ///< told how many parts are done, may stop it; null: nobody
};

/// Every rule on every cell. A rule or cell that has no oracle fails. Throws Error (usage) for unknown names, Error
/// (interrupted) where the observer says to stop.
CHRONOGRAD_API std::vector<CheckRow> check_rules(const CheckRequest& request = {});

/// The rule of a configuration on its cell, with its options, constants, activations, loss, feedback, normalisation and
/// update interval, on random data and parameters of at most 12 units, 4 inputs, 4 outputs and 20 steps. Of a
/// feed-forward net ([net]) its interface, and backprop, on layers of at most 6 units: the gradient of one batch.
CHRONOGRAD_API std::vector<CheckRow> check_config(const Config& config, int seeds = 1, std::uint64_t first_seed = 0,
                                                  Observer* observer = nullptr);

}  // namespace chronograd
