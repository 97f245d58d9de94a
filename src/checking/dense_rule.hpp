// SPDX-License-Identifier: Apache-2.0
// What a dense rule sees of a step and what it returns.
#pragma once

#include <memory>
#include <span>

#include "checking/linear_step.hpp"

namespace chronograd::checking {

/// One step of all streams.
struct DenseStep {
  int t = 0;
  bool window_begins = false;      ///< an update interval, or a window of tbptt inside it, begins here
  bool window_ends = false;        ///< it ends here
  bool interval_ends = false;      ///< an update interval ends here: weights change
  bool last = false;               ///< the row ends here
  const Vector* theta = nullptr;   ///< all parameters, as they are now
  std::vector<Vector> before;      ///< [B][S d] state before the step, as it was reached
  std::vector<bool> cut;           ///< [B] the stream begins anew
  std::vector<LinearStep> linear;  ///< [B]
  std::vector<Reading> reading;    ///< [B]
  std::vector<Vector> credit;      ///< [B][N S d] immediate credit on all states, the reading's among it
  std::vector<Vector> third;       ///< [B][q] the third factor; empty where the problem has none
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

/// A rule's definition by its name. Each file of dense rules has a table of its own, so that a name stands beside what
/// it means.
struct DenseDefinition {
  const char* name;
  std::unique_ptr<DenseRule> (*make)(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule);
};
/// Credit that goes back `rule.reach` steps before the rule's memory is asked; and the rule behind it.
std::unique_ptr<DenseRule> make_reach_rule(const OracleProblem& problem, const Layout& layout,
                                           const RuleDefinition& rule);
std::span<const DenseDefinition> influence_rules();
std::span<const DenseDefinition> window_rules();
std::span<const DenseDefinition> uoro_rules();
std::span<const DenseDefinition> kf_rules();
std::span<const DenseDefinition> ok_rules();
std::span<const DenseDefinition> kernl_rules();
std::span<const DenseDefinition> perturb_rules();
std::span<const DenseDefinition> pp_prop_rules();
std::span<const DenseDefinition> dni_rules();
std::span<const DenseDefinition> dni_window_rules();
std::span<const DenseDefinition> bp_lambda_rules();

/// The rule called `rule.name`; throws Error (usage) for an unknown one or impossible arguments.
std::unique_ptr<DenseRule> make_dense_rule(const OracleProblem& problem, const Layout& layout,
                                           const RuleDefinition& rule);

}  // namespace chronograd::checking
