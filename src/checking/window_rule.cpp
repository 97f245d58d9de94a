// SPDX-License-Identifier: Apache-2.0
// Rules that look back over the last L steps at every step, by explicit products of Jacobians.
//   rolling_tbptt   the window is run again under the current weights from the state it began in; at its end M is the
//                   influence of the weights' uses inside it, and the newest step's credit is charged:  g_t = c_t M
//   f_bptt          g_t = sum over the losses of steps s ... t of  c_tau J_tau ... J_{s+1} Mbar_s,  s = t - L + 1, with
//                   each J_k for the loss of step tau made of the pre-activations of step k and the weights of tau,
//                   and Mbar_s of the pre-activations of step s and the weights of step t
#include <algorithm>

#include "checking/dense_rule.hpp"
#include "checking/step_of_now.hpp"

namespace chronograd::checking {
namespace {

class RollingTbptt : public DenseRule {
 public:
  RollingTbptt(const OracleProblem& problem, const Layout& layout, int L) : problem_(problem), layout_(layout), L_(L) {}

  void learn(const DenseStep& step, Vector& gradient) override {
    const int width = layout_.width(), p = static_cast<int>(layout_.p);
    before_.push_back(step.before);
    const int first = L_ == 0 ? 0 : std::max(0, step.t + 1 - L_);
    for (int b = 0; b < problem_.B; ++b) {
      Vector M(width * layout_.p, 0.0), state = before_[first][b];
      for (int s = first; s <= step.t; ++s) {
        const LinearStep linear = linearise(problem_, layout_, *step.theta, b, s, state);
        M = product(width, width, p, linear.jacobian(), M);
        for (std::size_t k = 0; k < M.size(); ++k) M[k] += linear.influence[k];
        state = linear.after;
      }
      for (int i = 0; i < layout_.shown_width(); ++i)
        for (int k = 0; k < p; ++k) gradient[k] += step.reading[b].credit[i] * M[(layout_.shown() + i) * p + k];
    }
  }

 private:
  const OracleProblem& problem_;
  const Layout& layout_;
  int L_;
  std::vector<std::vector<Vector>> before_;  // [T][B][N S d]
};

class FBptt : public DenseRule {
 public:
  FBptt(const OracleProblem& problem, const Layout& layout, int L)
      : problem_(problem), layout_(layout), L_(L == 0 ? problem.T : L) {}

  void learn(const DenseStep& step, Vector& gradient) override {
    const int width = layout_.width(), newest = step.t;
    steps_.push_back(step.linear);
    credit_.emplace_back(problem_.B, Vector(width, 0.0));
    theta_ = *step.theta;
    for (int b = 0; b < problem_.B; ++b) {
      Vector v(width, 0.0);
      std::copy(step.reading[b].credit.begin(), step.reading[b].credit.end(), v.begin() + layout_.shown());
      for (int s = newest; s >= charged_; --s) {
        for (int i = 0; i < width; ++i) credit_[s][b][i] += v[i];
        v = product(1, width, width, v, jacobian_of_now(layout_, theta_, steps_[s][b], begins(problem_, b, s)));
      }
    }
    if (newest + 1 - charged_ >= L_) charge(gradient);
  }

  void flush(Vector& gradient) override {
    while (charged_ < static_cast<int>(steps_.size())) charge(gradient);
  }

 private:
  void charge(Vector& gradient) {
    const int width = layout_.width(), p = static_cast<int>(layout_.p);
    for (int b = 0; b < problem_.B; ++b) {
      const Vector g =
          product(1, width, p, credit_[charged_][b], influence_of_now(layout_, theta_, steps_[charged_][b]));
      for (int k = 0; k < p; ++k) gradient[k] += g[k];
    }
    ++charged_;
  }

  const OracleProblem& problem_;
  const Layout& layout_;
  int L_;
  Vector theta_;                                // weights of now
  int charged_ = 0;                             // uses of the weights that have had their gradient
  std::vector<std::vector<LinearStep>> steps_;  // [T][B]
  std::vector<std::vector<Vector>> credit_;     // [T][B][N S d]
};

template <class Rule>
std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  return std::make_unique<Rule>(problem, layout, rule.L);
}

constexpr DenseDefinition definitions[] = {{"rolling_tbptt", make<RollingTbptt>}, {"f_bptt", make<FBptt>}};

}  // namespace

std::span<const DenseDefinition> window_rules() {
  return definitions;
}

}  // namespace chronograd::checking
