// SPDX-License-Identifier: Apache-2.0
// Reach over any memory, as it is written: c^0 = c_t, c^{i+1} = c^i J_{t-i}, g_t = sum_{i<k} c^i Mbar_{t-i} + c^k
// T_{t-k}. By interval the credits of its steps join on the way, and there is one such sum, from its last step.
#include <algorithm>
#include <deque>

#include "checking/dense_rule.hpp"

namespace chronograd::checking {
namespace {

class ReachRule : public DenseRule {
 public:
  ReachRule(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule)
      : layout_(layout), reach_(rule.reach), by_interval_(rule.by_interval) {
    RuleDefinition behind = rule;
    behind.reach = 0;
    memory_ = make_dense_rule(problem, layout, behind);
  }

  void learn(const DenseStep& step, Vector& gradient) override {
    steps_.push_back(step);
    weights_.push_back(*step.theta);
    ++own_;
    if (by_interval_ && !step.window_ends) return;
    const int steps = static_cast<int>(steps_.size()), far = std::max(0, steps - reach_);
    std::vector<Vector> credit(step.credit.size(), Vector(layout_.width(), 0.0));
    for (int s = steps - 1; s >= far; --s) {
      for (std::size_t b = 0; b < credit.size(); ++b) {
        if (s >= steps - own_) add(steps_[s].credit[b], credit[b]);
        const LinearStep& linear = steps_[s].linear[b];
        add(product(1, layout_.width(), static_cast<int>(layout_.p), credit[b], linear.influence), gradient);
        credit[b] = product(1, layout_.width(), layout_.width(), credit[b], linear.jacobian());
      }
    }
    own_ = 0;
    for (int s = 0; s < far; ++s) {
      DenseStep asked = steps_.front();
      const Vector then = weights_.front();
      asked.theta = &then;
      steps_.pop_front();
      weights_.pop_front();
      for (std::size_t b = 0; b < credit.size(); ++b)
        asked.credit[b] = s + 1 == far ? credit[b] : Vector(layout_.width(), 0.0);
      memory_->learn(asked, gradient);
    }
  }
  void flush(Vector& gradient) override { memory_->flush(gradient); }

 private:
  static void add(const Vector& x, Vector& sum) {
    for (std::size_t k = 0; k < x.size(); ++k) sum[k] += x[k];
  }

  const Layout& layout_;
  int reach_;
  bool by_interval_;
  std::unique_ptr<DenseRule> memory_;
  std::deque<DenseStep> steps_;  // that the memory has not seen
  std::deque<Vector> weights_;   // all parameters, as they were then
  int own_ = 0;                  // how many of them, at the end, have credit that has not gone back
};

}  // namespace

std::unique_ptr<DenseRule> make_reach_rule(const OracleProblem& problem, const Layout& layout,
                                           const RuleDefinition& rule) {
  return std::make_unique<ReachRule>(problem, layout, rule);
}

}  // namespace chronograd::checking
