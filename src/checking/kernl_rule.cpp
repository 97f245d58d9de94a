// SPDX-License-Identifier: Apache-2.0
// KeRNL with given standard normal numbers nu (the same for each layer). A layer of v = S d states has, for all
// streams, a sensitivity A (v, v), I at first, and decays gamma (v); each stream has a trace e (v, the layer's
// parameters), Omega and Gamma (v), and a perturbed copy s^. Where a row begins and at a reset e, Omega, Gamma are 0
// and s^ is the state before the step. With kappa = exp(-gamma) and kappa' = -kappa (linear: 1 - gamma and -1) of
// before the step:
//   every `resync` steps first  s^ <- s_{t-1}, Omega, Gamma <- 0
//   s^ <- F(s^, x_t) + sigma nu  (before: F(s^ + sigma nu, x_t))
//   Gamma <- kappa Gamma + kappa' Omega;  Omega <- kappa Omega + nu;  e <- kappa e + Mbar_t
//   eps = A Omega - (s^ - s_t) / sigma;  A <- A - A_lr mean eps (x) Omega;  gamma <- gamma - gamma_lr mean (eps A)
//   Gamma with the A of before, gamma then clipped to 0 and more (linear: [0, 1]) gradient += (c_t A) e with the A just
//   learnt, c on the layer's h
#include <algorithm>
#include <cmath>

#include "checking/cells.hpp"
#include "checking/dense_rule.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

class Kernl : public DenseRule {
 public:
  Kernl(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule)
      : problem_(problem), layout_(layout), rule_(rule), v_(layout.states * layout.d) {
    for (int l = 0; l < layout.layers; ++l) {
      Model model{Vector(v_ * v_, 0.0), Vector(v_, rule.gamma)};
      for (int i = 0; i < v_; ++i) model.A[i * v_ + i] = 1;
      models_.push_back(model);
      memory_.emplace_back(problem.B);
    }
  }

  void learn(const DenseStep& step, Vector& gradient) override {
    for (int l = 0; l < layout_.layers; ++l) {
      Model next = models_[l];
      for (int b = 0; b < problem_.B; ++b) advance(l, b, step, next);
      for (double& gamma : next.gamma) gamma = std::clamp(gamma, 0.0, rule_.linear_kernel ? 1.0 : HUGE_VAL);
      models_[l] = next;
      for (int b = 0; b < problem_.B; ++b) add_gradient(l, b, step, gradient);
    }
  }

 private:
  struct Model {
    Vector A, gamma;
  };
  struct Memory {
    Vector e, Omega, Gamma, copy;
  };

  std::size_t first_parameter(int l) const { return layout_.places[l].first; }
  int parameters(int l) const {
    const std::size_t end = l + 1 < layout_.layers ? first_parameter(l + 1) : layout_.p;
    return static_cast<int>(end - first_parameter(l));
  }

  Vector layer_state(const Vector& all, int l) const {
    return Vector(all.begin() + layout_.first(l), all.begin() + layout_.first(l) + v_);
  }

  Vector layer_after(int l, int b, const DenseStep& step, const Vector& state) const {
    const Vector x = l == 0 ? Vector(problem_.x.begin() + (b * problem_.T + step.t) * problem_.n,
                                     problem_.x.begin() + (b * problem_.T + step.t + 1) * problem_.n)
                            : layer_state(step.linear[b].after, l - 1);
    return layer_step<double>(problem_, layout_, l, step.theta->data(), x.data(), state.data(), state.data(), b,
                              step.t);
  }

  void advance(int l, int b, const DenseStep& step, Model& next) {
    const Model& model = models_[l];
    Memory& memory = memory_[l][b];
    const int p = parameters(l);
    const Vector before = step.cut[b] ? Vector(v_, 0.0) : layer_state(step.before[b], l),
                 after = layer_state(step.linear[b].after, l);
    if (step.t == 0 || step.cut[b]) memory = {Vector(v_ * p, 0.0), Vector(v_, 0.0), Vector(v_, 0.0), before};
    if (rule_.resync > 0 && step.t % rule_.resync == 0) {
      memory.copy = before;
      memory.Omega.assign(v_, 0.0);
      memory.Gamma.assign(v_, 0.0);
    }
    Vector nu(v_);
    for (int i = 0; i < v_; ++i) nu[i] = rule_.sign(b, step.t, i);
    if (rule_.perturb_before) add(rule_.sigma, nu, memory.copy);
    memory.copy = layer_after(l, b, step, memory.copy);
    Vector eps = product(v_, v_, 1, model.A, filtered(model, nu, memory));
    // A perturbation that joins after the step is the same in s^ and in what it is divided by: no digits are lost to
    // it.
    for (int i = 0; i < v_; ++i)
      eps[i] -= (memory.copy[i] - after[i]) / rule_.sigma + (rule_.perturb_before ? 0.0 : nu[i]);
    if (!rule_.perturb_before) add(rule_.sigma, nu, memory.copy);
    for (int i = 0; i < v_; ++i)
      for (int k = 0; k < p; ++k)
        memory.e[i * p + k] = kappa(model, i) * memory.e[i * p + k] +
                              step.linear[b].influence[(layout_.first(l) + i) * layout_.p + first_parameter(l) + k];
    const Vector back = product(1, v_, v_, eps, model.A);
    for (int i = 0; i < v_; ++i) {
      next.gamma[i] -= rule_.gamma_lr * back[i] * memory.Gamma[i] / problem_.B;
      for (int j = 0; j < v_; ++j) next.A[i * v_ + j] -= rule_.A_lr * eps[i] * memory.Omega[j] / problem_.B;
    }
  }

  /// Omega after the step; Gamma first.
  const Vector& filtered(const Model& model, const Vector& nu, Memory& memory) const {
    for (int i = 0; i < v_; ++i) {
      const double keep = kappa(model, i), slope = rule_.linear_kernel ? -1.0 : -keep;
      memory.Gamma[i] = keep * memory.Gamma[i] + slope * memory.Omega[i];
      memory.Omega[i] = keep * memory.Omega[i] + nu[i];
    }
    return memory.Omega;
  }

  double kappa(const Model& model, int i) const {
    return rule_.linear_kernel ? 1 - model.gamma[i] : std::exp(-model.gamma[i]);
  }

  static void add(double factor, const Vector& x, Vector& y) {
    for (std::size_t i = 0; i < x.size(); ++i) y[i] += factor * x[i];
  }

  void add_gradient(int l, int b, const DenseStep& step, Vector& gradient) const {
    const int width = layout_.shown_width(), hs = layout_.layers * width, p = parameters(l);
    const Vector& credit = step.credit[b];
    Vector c(credit.begin() + layout_.first(l), credit.begin() + layout_.first(l) + v_);
    for (int i = 0; i < width; ++i)  // on the h, through the layers above
      for (int j = 0; j < layout_.width(); ++j) c[i] += credit[j] * step.linear[b].up[j * hs + l * width + i];
    const Vector g = product(1, v_, p, product(1, v_, v_, c, models_[l].A), memory_[l][b].e);
    for (int k = 0; k < p; ++k) gradient[first_parameter(l) + k] += g[k];
  }

  const OracleProblem& problem_;
  const Layout& layout_;
  RuleDefinition rule_;
  int v_;
  std::vector<Model> models_;                // [N]
  std::vector<std::vector<Memory>> memory_;  // [N][B]
};

std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  if (!rule.sign) throw Error(Exit::usage, "rule.sign", "kernl needs its random numbers.");
  if (!(rule.sigma > 0))
    throw Error(Exit::usage, "rule.sigma", "got " + std::to_string(rule.sigma) + ", allowed is more than 0.");
  return std::make_unique<Kernl>(problem, layout, rule);
}

constexpr DenseDefinition definitions[] = {{"kernl", make}};

}  // namespace

std::span<const DenseDefinition> kernl_rules() {
  return definitions;
}

}  // namespace chronograd::checking
