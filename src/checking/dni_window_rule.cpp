// SPDX-License-Identifier: Apache-2.0
// Synthetic gradients at the ends of windows. g guesses strictly future credit of f = (state, 1). At the end of a
// window of steps a+1 ... b, for each stream, all with the g of before:
//   o = scale g(f_b), 0 at the row's end (unless end_free) and after ablate_at updates
//   delta = o;  t = b ... a+1:  delta += c_t;  gradient += delta Mbar_t;  delta <- delta J_t
//   G_{t-1} = (c_t + gamma next_t) J_t,  next_b = o,  next_t = (1 - lambda) scale g(f_t) + lambda G_t
//   A += sg_lr * mean over streams of the sum over the states that are learnt of (G - g(f)) dg/dA: f_a, unless the row
//   begins with this window, and with `all` those after a+1 ... b-1; not after freeze_at updates
// hidden_states are 0 in all f.
// The auxiliary head C: eps = C f_a - g(f_b) (0 for g at the row's end), for streams without a reset in a+1 ... b;
// aux eps C goes back through the window before, whose J and Mbar are those of its own pre-activations and the weights
// of now; C -= sg_lr * mean of eps f_a^T.
#include "checking/dense_rule.hpp"
#include "checking/dense_synthesiser.hpp"
#include "checking/step_of_now.hpp"

namespace chronograd::checking {
namespace {

class DniWindow : public DenseRule {
 public:
  DniWindow(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule)
      : layout_(layout),
        rule_(rule),
        streams_(problem.B),
        g_(rule, layout.width() + 1, layout.width()),
        C_(layout.width() * (layout.width() + 1), 0.0) {}

  void learn(const DenseStep& step, Vector& gradient) override {
    window_.push_back(step);
    if (!step.window_ends) return;
    Vector change(g_.size(), 0.0);
    std::vector<Vector> exit;
    for (int b = 0; b < streams_; ++b) {
      exit.push_back(features(window_.back(), b));
      stream(b, gradient, change);
    }
    if (rule_.aux > 0 && !kept_.empty()) auxiliary(exit, gradient);
    const bool frozen = rule_.freeze_at >= 0 && updates_ >= rule_.freeze_at;
    if (!frozen && (!entry_.empty() || (rule_.all && window_.size() > 1))) g_.learn(change, streams_);
    updates_ += step.interval_ends;
    entry_ = exit;
    kept_ = std::move(window_);
    window_.clear();
  }

 private:
  Vector features(const DenseStep& step, int b) const {
    Vector f = step.linear[b].after;
    for (const int i : rule_.hidden_states) f[i] = 0;
    f.push_back(1.0);
    return f;
  }
  Vector guess(const DenseStep& step, int b, double factor) const {
    if (step.last && !rule_.end_free) return Vector(layout_.width(), 0.0);
    Vector g = g_.guess(features(step, b));
    for (double& v : g) v *= factor;
    return g;
  }
  void add_credit(const DenseStep& step, int b, Vector& on) const {
    for (int i = 0; i < layout_.shown_width(); ++i) on[layout_.shown() + i] += step.reading[b].credit[i];
  }

  void stream(int b, Vector& gradient, Vector& change) const {
    const int width = layout_.width(), p = static_cast<int>(layout_.p), steps = static_cast<int>(window_.size());
    const bool ablated = rule_.ablate_at >= 0 && updates_ >= rule_.ablate_at;
    const Vector o = guess(window_.back(), b, ablated ? 0 : rule_.scale);
    Vector delta = o, G = o;
    for (int t = steps - 1; t >= 0; --t) {
      const DenseStep& step = window_[t];
      const Vector J = step.cut[b] ? Vector(width * width, 0.0) : step.linear[b].jacobian();
      add_credit(step, b, delta);
      const Vector term = product(1, width, p, delta, step.linear[b].influence);
      for (int k = 0; k < p; ++k) gradient[k] += term[k];
      delta = product(1, width, width, delta, J);

      Vector next = o;
      if (t + 1 < steps) {
        const Vector said = guess(step, b, rule_.scale);
        for (int i = 0; i < width; ++i) next[i] = (1 - rule_.lambda) * said[i] + rule_.lambda * G[i];
      }
      for (double& v : next) v *= rule_.discount;
      add_credit(step, b, next);
      G = product(1, width, width, next, J);
      if (t == 0 ? entry_.empty() : !rule_.all) continue;
      const Vector f = t == 0 ? entry_[b] : features(window_[t - 1], b);
      Vector error = g_.guess(f);
      for (int i = 0; i < width; ++i) error[i] -= G[i];
      g_.add(f, error, change);
    }
  }

  void auxiliary(const std::vector<Vector>& exit, Vector& gradient) {
    const int width = layout_.width(), p = static_cast<int>(layout_.p);
    Vector change(C_.size(), 0.0);
    for (int b = 0; b < streams_; ++b) {
      bool reset = false;
      for (const DenseStep& step : window_) reset = reset || step.cut[b];
      if (reset) continue;
      Vector eps = product(width, width + 1, 1, C_, entry_[b]);
      const Vector goal = window_.back().last && !rule_.end_free ? Vector(width, 0.0) : g_.guess(exit[b]);
      for (int i = 0; i < width; ++i) eps[i] -= goal[i];
      Vector q = product(1, width, width + 1, eps, C_);
      q.pop_back();
      for (double& v : q) v *= rule_.aux;
      for (int t = static_cast<int>(kept_.size()) - 1; t >= 0; --t) {
        const Vector& theta = *window_.back().theta;
        const LinearStep& linear = kept_[t].linear[b];
        const Vector term = product(1, width, p, q, influence_of_now(layout_, theta, linear));
        for (int k = 0; k < p; ++k) gradient[k] += term[k];
        q = product(1, width, width, q, jacobian_of_now(layout_, theta, linear, kept_[t].cut[b]));
      }
      for (int i = 0; i < width; ++i)
        for (int k = 0; k <= width; ++k) change[i * (width + 1) + k] += eps[i] * entry_[b][k] / streams_;
    }
    for (std::size_t k = 0; k < C_.size(); ++k) C_[k] -= rule_.sg_lr * change[k];
  }

  const Layout& layout_;
  const RuleDefinition rule_;
  int streams_;
  int updates_ = 0;
  DenseSynthesiser g_;
  Vector C_;                              // [S d][S d + 1]
  std::vector<Vector> entry_;             // [B] f_a; empty where the row begins
  std::vector<DenseStep> window_, kept_;  // this window, the one before
};

std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  return std::make_unique<DniWindow>(problem, layout, rule);
}

constexpr DenseDefinition definition[] = {{"dni_window", make}};

}  // namespace

std::span<const DenseDefinition> dni_window_rules() {
  return definition;
}

}  // namespace chronograd::checking
