// SPDX-License-Identifier: Apache-2.0
// The problem that laws are held against, and runs of a rule on parts of it.
#pragma once

#include <vector>

#include "chronograd/check.hpp"
#include "chronograd/config.hpp"
#include "learning/stepper.hpp"

namespace chronograd::checking {

using Numbers = std::vector<double>;

/// A network with a linear readout under the loss 1/2 |y - y*|^2, and data for it. Steps first: [T][B][.].
struct LawProblem {
  static constexpr int streams = 3, steps = 24, inputs = 3, outputs = 2, units = 6;
  static constexpr int reset_step = 13, reset_stream = 1;  ///< the one reset, inside a segment of five steps

  /// Throws Error (usage).
  LawProblem(const RuleRecord& rule, const LawRequest& request);

  const RuleRecord& rule;
  Options options;  ///< the rule's
  std::uint64_t seed;
  Network<double> network;
  Weights<double> weights;
  Numbers x, y, weight;  ///< the last is the factor of a step's loss; some are 0
  Numbers third;         ///< [T][B] a third factor, 0 where a step has no loss
  bool silent = false;   ///< no step has a loss

 private:
  LawProblem(const RuleRecord& record, const LawRequest& request, const Config& config);
};

/// A rule with the network that it learns on: some neighbouring streams of the problem. Gradients are those of the
/// cell's weights.
class LawRun {
 public:
  /// `rule`: another one than the problem's.
  explicit LawRun(const LawProblem& problem, int first_stream = 0, int streams = LawProblem::streams,
                  const RuleRecord* rule = nullptr);

  /// A row begins with step `from` of the problem.
  void begin(int from, int pass = 0);
  /// Runs the row on up to step `to`, in segments that end where a multiple of `every` does, and adds the gradient.
  /// `last`: the row ends there, and what the rule held back is added too.
  void go(int to, int every, bool last, Numbers& gradient);
  /// A row from its beginning to its end.
  Numbers row(int every, int from = 0, int to = LawProblem::steps);

  /// Visits the state of network and rule.
  void state(Archive& archive);

 private:
  void mark_reset();

  const LawProblem& problem_;
  int first_;
  std::int64_t t_ = 0, start_ = 0;  ///< the next step, and the row's first one
  Batch<double> batch_;
  Stepper<double> stepper_;
};

/// max|a - b| / max|b|, or max|a - b| where b is zero; NaN where something is NaN.
double distance_of(const Numbers& a, const Numbers& b);

}  // namespace chronograd::checking
