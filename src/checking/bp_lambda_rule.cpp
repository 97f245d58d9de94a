// SPDX-License-Identifier: Apache-2.0
// Accumulate BP(lambda), step by step, with the whole trace E [S d][numbers of g] of each stream. g guesses strictly
// future credit of f = (state, 1). At step t of a row
//   delta = (c_t + gamma g(f_t)) J_t - g(f_{t-1});   A += sg_lr * mean over streams of delta E      not at the first
//   step gradient += (c_t + scale g(f_t)) Mbar_t                                                         with the g
//   just learnt E <- gamma lambda J_t E + dg(f_t)/dA                                                            at the
//   first: dg(f_t)/dA
// with 0 for g(f_t) in the first two lines at the row's last step, and J_t = 0 at a reset.
#include "checking/dense_rule.hpp"
#include "checking/dense_synthesiser.hpp"

namespace chronograd::checking {
namespace {

class BpLambda : public DenseRule {
 public:
  BpLambda(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule)
      : layout_(layout), rule_(rule), streams_(problem.B), g_(rule, layout.width() + 1, layout.width()) {}

  void learn(const DenseStep& step, Vector& gradient) override {
    const int width = layout_.width(), p = static_cast<int>(layout_.p), P = static_cast<int>(g_.size());
    std::vector<Vector> f, J;
    for (int b = 0; b < streams_; ++b) {
      f.push_back(step.linear[b].after);
      f.back().push_back(1.0);
      J.push_back(step.cut[b] ? Vector(width * width, 0.0) : step.linear[b].jacobian());
    }
    if (!before_.empty()) {
      Vector change(g_.size(), 0.0);
      for (int b = 0; b < streams_; ++b) {
        Vector delta = product(1, width, width, credit(step, f, b, rule_.discount), J[b]);
        const Vector said = g_.guess(before_[b]);
        for (int i = 0; i < width; ++i) delta[i] -= said[i];
        const Vector term = product(1, width, P, delta, E_[b]);
        for (int k = 0; k < P; ++k) change[k] -= term[k];
      }
      g_.learn(change, streams_);
    }
    for (int b = 0; b < streams_; ++b) {
      const Vector term = product(1, width, p, credit(step, f, b, rule_.scale), step.linear[b].influence);
      for (int k = 0; k < p; ++k) gradient[k] += term[k];
    }
    E_.resize(streams_);
    for (int b = 0; b < streams_; ++b) {
      Vector E = g_.derivative(f[b]);
      if (!before_.empty()) {
        const Vector carried = product(width, width, P, J[b], E_[b]);
        for (std::size_t k = 0; k < E.size(); ++k) E[k] += rule_.discount * rule_.lambda * carried[k];
      }
      E_[b] = E;
    }
    before_ = f;
  }

 private:
  /// c_t + factor g(f_t), on all states.
  Vector credit(const DenseStep& step, const std::vector<Vector>& f, int b, double factor) const {
    Vector all(layout_.width(), 0.0);
    if (!step.last) {
      all = g_.guess(f[b]);
      for (double& v : all) v *= factor;
    }
    for (int i = 0; i < layout_.shown_width(); ++i) all[layout_.shown() + i] += step.reading[b].credit[i];
    return all;
  }

  const Layout& layout_;
  const RuleDefinition rule_;
  int streams_;
  DenseSynthesiser g_;
  std::vector<Vector> before_, E_;  // [B] features of the step before, trace
};

std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  return std::make_unique<BpLambda>(problem, layout, rule);
}

constexpr DenseDefinition definition[] = {{"bp_lambda", make}};

}  // namespace

std::span<const DenseDefinition> bp_lambda_rules() {
  return definition;
}

}  // namespace chronograd::checking
