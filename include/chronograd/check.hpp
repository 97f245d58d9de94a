// SPDX-License-Identifier: Apache-2.0
// What can be checked of any learning rule without a second implementation of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/export.hpp"
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
  std::uint64_t seed = 0;  ///< of weights, data and the rule's own draws
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
/// does not have; what the rule throws makes the law broken.
CHRONOGRAD_API std::vector<Law> check_laws(const RuleRecord& rule, const LawRequest& request = {});

}  // namespace chronograd
