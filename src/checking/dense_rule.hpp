// SPDX-License-Identifier: Apache-2.0
// What a dense rule sees of a step and what it returns.
#pragma once

#include <memory>

#include "checking/linear_step.hpp"

namespace chronograd::checking {

/// One step of all streams.
struct DenseStep {
  int t = 0;
  bool window_begins = false;      ///< an update interval, or a window of tbptt inside it, begins here
  const Vector* theta = nullptr;   ///< all parameters, as they are now
  std::vector<Vector> before;      ///< [B][S d] state before the step, as it was reached
  std::vector<bool> cut;           ///< [B] the stream begins anew
  std::vector<LinearStep> linear;  ///< [B]
  std::vector<Reading> reading;    ///< [B]
  std::vector<Vector> target;      ///< [B][m] zero where the step has no loss
};

class DenseRule {
 public:
  virtual ~DenseRule() = default;
  /// Adds the step's gradient of the cell's parameters, summed over streams.
  virtual void learn(const DenseStep& step, Vector& gradient) = 0;
  /// Adds what is held back until the end of the row.
  virtual void flush(Vector& /*gradient*/) {}
};

/// The rule called `rule.name`; throws Error (usage) for an unknown one or impossible arguments.
std::unique_ptr<DenseRule> make_dense_rule(const OracleProblem& problem, const Layout& layout,
                                           const RuleDefinition& rule);
std::unique_ptr<DenseRule> make_influence_rule(const OracleProblem& problem, const Layout& layout,
                                               const RuleDefinition& rule);
std::unique_ptr<DenseRule> make_uoro_rule(const OracleProblem& problem, const Layout& layout,
                                          const RuleDefinition& rule);
std::unique_ptr<DenseRule> make_window_rule(const OracleProblem& problem, const Layout& layout,
                                            const RuleDefinition& rule);
std::unique_ptr<DenseRule> make_dni_rule(const OracleProblem& problem, const Layout& layout,
                                         const RuleDefinition& rule);

}  // namespace chronograd::checking
