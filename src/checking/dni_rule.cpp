// SPDX-License-Identifier: Apache-2.0
// DNI, bootstrapped over one step. A synthesiser g, linear unless said otherwise, predicts the total credit on the
// state after a step, its own immediate credit included, from the features a = (state, target, 1), the target being 0
// where the step has no loss. At step t
//   dni    tau = c_{t-1} on h + g_frozen(a_t) J_t                what the prediction at t-1 should have been
//   dni_b  tau = c_{t-1} on h + squash(g_frozen(a_t)) Jhat       (nothing but c at a reset)
//   g learns from g(a_{t-1}) - tau, the mean over streams
//   gradient += g(a_t) Mbar_t                                    with the g just learnt
// and g_frozen becomes g after every `refresh`-th learning. The first step of the row has no t-1 to learn from.
// dni_b's Jhat begins as the Jacobian of a step from rest without input, under the weights of the first step, and
// learns at the beginning of each step, the first included: Jhat <- Jhat - J_lr * mean of (Jhat s_- - s_t) s_-^T.
#include <cmath>

#include "checking/dense_rule.hpp"
#include "checking/dense_synthesiser.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

class Dni : public DenseRule {
 public:
  Dni(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule)
      : problem_(problem),
        layout_(layout),
        rule_(rule),
        g_(rule, layout.width() + layout.m + 1, layout.width()),
        frozen_(g_) {}

  void learn(const DenseStep& step, Vector& gradient) override {
    const int width = layout_.width(), p = static_cast<int>(layout_.p);
    if (rule_.name == "dni_b") learn_jacobian(step);
    std::vector<Vector> a;
    for (int b = 0; b < problem_.B; ++b) {
      a.push_back(step.linear[b].after);
      a.back().insert(a.back().end(), step.target[b].begin(), step.target[b].end());
      a.back().push_back(1.0);
    }
    if (!before_.empty()) train(step, a);
    for (int b = 0; b < problem_.B; ++b) {
      const Vector term = product(1, width, p, g_.guess(a[b]), step.linear[b].influence);
      for (int k = 0; k < p; ++k) gradient[k] += term[k];
    }
    before_ = std::move(a);
    credit_before_.clear();
    for (const Reading& reading : step.reading) credit_before_.push_back(reading.credit);
  }

 private:
  void learn_jacobian(const DenseStep& step) {
    const int width = layout_.width(), B = problem_.B;
    if (J_.empty()) {
      OracleProblem rest = problem_;
      rest.B = rest.T = 1;
      rest.x.assign(layout_.n, 0.0);
      rest.y.assign(layout_.m, 0.0);
      for (Vector* array : {&rest.mask, &rest.reset, &rest.weight, &rest.h0, &rest.c0, &rest.xi}) array->clear();
      rest.sigma = 0;
      J_ = linearise(rest, layout_, *step.theta, 0, 0, Vector(width, 0.0)).jacobian();
    }
    Vector change(J_.size(), 0.0);
    for (int b = 0; b < B; ++b) {
      const Vector before = step.cut[b] ? Vector(width, 0.0) : step.before[b];
      const Vector predicted = product(width, width, 1, J_, before);
      for (int i = 0; i < width; ++i)
        for (int k = 0; k < width; ++k)
          change[i * width + k] += (predicted[i] - step.linear[b].after[i]) * before[k] / B;
    }
    for (std::size_t k = 0; k < J_.size(); ++k) J_[k] -= rule_.J_lr * change[k];
  }

  void train(const DenseStep& step, const std::vector<Vector>& a) {
    const int width = layout_.width();
    Vector change(g_.size(), 0.0);
    for (int b = 0; b < problem_.B; ++b) {
      Vector bootstrap = frozen_.guess(a[b]), tau(width, 0.0);
      if (rule_.name == "dni_b" && rule_.squash)
        for (double& v : bootstrap) v = std::tanh(v);
      if (!step.cut[b])
        tau = product(1, width, width, bootstrap, rule_.name == "dni_b" ? J_ : step.linear[b].jacobian());
      for (int i = 0; i < layout_.shown_width(); ++i) tau[layout_.shown() + i] += credit_before_[b][i];
      Vector error = g_.guess(before_[b]);
      for (int i = 0; i < width; ++i) error[i] -= tau[i];
      g_.add(before_[b], error, change);
    }
    g_.learn(change, problem_.B);
    if (++learnt_ % rule_.refresh == 0) frozen_ = g_;
  }

  const OracleProblem& problem_;
  const Layout& layout_;
  const RuleDefinition rule_;
  int learnt_ = 0;
  DenseSynthesiser g_, frozen_;
  Vector J_;                                    // Jhat [S d][S d]
  std::vector<Vector> before_, credit_before_;  // [B] features and immediate credit of the step before
};

std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  if (rule.refresh < 1)
    throw Error(Exit::usage, "rule.refresh", "got " + std::to_string(rule.refresh) + ", allowed is 1 or more.");
  return std::make_unique<Dni>(problem, layout, rule);
}

constexpr DenseDefinition definitions[] = {{"dni", make}, {"dni_b", make}};

}  // namespace

std::span<const DenseDefinition> dni_rules() {
  return definitions;
}

}  // namespace chronograd::checking
