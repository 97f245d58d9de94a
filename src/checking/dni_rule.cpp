// SPDX-License-Identifier: Apache-2.0
// DNI, bootstrapped over one step. A synthesiser A predicts the total credit on the state after a step, its own
// immediate credit included, from the features a = (state, target, 1), the target being 0 where the step
// has no loss. At step t
//   tau = c_{t-1} on what is shown + (A_frozen a_t) J_t       what the prediction at t-1 should have been (J_t = 0 at a
//   reset) A  <- A - sg_lr * mean over streams of (A a_{t-1} - tau) a_{t-1}^T gradient += (A a_t) Mbar_t with the A
//   just learnt
// and A_frozen becomes A after every `refresh`-th learning. The first step of the row has no t-1 to learn from.
#include "checking/dense_rule.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

class Dni : public DenseRule {
 public:
  Dni(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule)
      : layout_(layout),
        streams_(problem.B),
        features_(layout.width() + layout.m + 1),
        sg_lr_(rule.sg_lr),
        refresh_(rule.refresh),
        A_(rule.synthesiser.empty() ? Vector(layout.width() * features_, 0.0) : rule.synthesiser),
        frozen_(A_) {}

  void learn(const DenseStep& step, Vector& gradient) override {
    const int width = layout_.width(), p = static_cast<int>(layout_.p);
    std::vector<Vector> a;
    for (int b = 0; b < streams_; ++b) {
      a.push_back(step.linear[b].after);
      a.back().insert(a.back().end(), step.target[b].begin(), step.target[b].end());
      a.back().push_back(1.0);
    }
    if (!before_.empty()) train(step, a);
    for (int b = 0; b < streams_; ++b) {
      const Vector credit = product(width, features_, 1, A_, a[b]);
      const Vector term = product(1, width, p, credit, step.linear[b].influence);
      for (int k = 0; k < p; ++k) gradient[k] += term[k];
    }
    before_ = std::move(a);
    credit_before_.clear();
    for (const Reading& reading : step.reading) credit_before_.push_back(reading.credit);
  }

 private:
  void train(const DenseStep& step, const std::vector<Vector>& a) {
    const int width = layout_.width();
    Vector change(A_.size(), 0.0);
    for (int b = 0; b < streams_; ++b) {
      const Vector bootstrap = product(width, features_, 1, frozen_, a[b]);
      Vector tau(width, 0.0);
      if (!step.cut[b]) tau = product(1, width, width, bootstrap, step.linear[b].jacobian());
      for (int i = 0; i < layout_.shown_width(); ++i) tau[layout_.shown() + i] += credit_before_[b][i];
      const Vector predicted = product(width, features_, 1, A_, before_[b]);
      for (int i = 0; i < width; ++i)
        for (int k = 0; k < features_; ++k)
          change[i * features_ + k] += (predicted[i] - tau[i]) * before_[b][k] / streams_;
    }
    for (std::size_t k = 0; k < A_.size(); ++k) A_[k] -= sg_lr_ * change[k];
    if (++learnt_ % refresh_ == 0) frozen_ = A_;
  }

  const Layout& layout_;
  int streams_, features_;
  double sg_lr_;
  int refresh_, learnt_ = 0;
  Vector A_, frozen_;                           // [S d][S d + m + 1]
  std::vector<Vector> before_, credit_before_;  // [B] features and immediate credit of the step before
};

std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  const std::size_t size = layout.width() * (layout.width() + layout.m + 1);
  if (!rule.synthesiser.empty() && rule.synthesiser.size() != size)
    throw Error(
        Exit::usage, "rule.synthesiser",
        "got " + std::to_string(rule.synthesiser.size()) + " numbers, needed are " + std::to_string(size) + ".");
  if (rule.refresh < 1)
    throw Error(Exit::usage, "rule.refresh", "got " + std::to_string(rule.refresh) + ", allowed is 1 or more.");
  return std::make_unique<Dni>(problem, layout, rule);
}

constexpr DenseDefinition definition[] = {{"dni", make}};

}  // namespace

std::span<const DenseDefinition> dni_rules() {
  return definition;
}

}  // namespace chronograd::checking
