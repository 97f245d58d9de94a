// SPDX-License-Identifier: Apache-2.0
// UORO with given signs nu: M is kept as the outer product of s~ (N S d) and theta~ (p), all of the layers'
// parameters as in files: absent weights count in the norms like any other of value 0.
//   P = nu^T Mbar,  rho0 = sqrt(|theta~| / |J s~|),  rho1 = sqrt(|P| / |nu|)
//   s~ <- rho0 J s~ + rho1 nu,  theta~ <- theta~ / rho0 + P / rho1,  gradient += (c s~_h) theta~
// from s~ = 0, theta~ = 0. A product with a factor of norm zero is zero itself and is left out.
#include <cmath>

#include "checking/dense_rule.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

double norm(const Vector& v) {
  double sum = 0;
  for (const double e : v) sum += e * e;
  return std::sqrt(sum);
}

class Uoro : public DenseRule {
 public:
  Uoro(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule)
      : layout_(layout),
        sign_(rule.sign),
        state_(problem.B, Vector(layout.width(), 0.0)),
        weights_(problem.B, Vector(layout.p, 0.0)) {}

  void learn(const DenseStep& step, Vector& gradient) override {
    const int width = layout_.width(), p = static_cast<int>(layout_.p);
    for (std::size_t b = 0; b < state_.size(); ++b) {
      Vector &state = state_[b], &weights = weights_[b];
      if (step.cut[b]) {
        state.assign(width, 0.0);
        weights.assign(p, 0.0);
      }
      Vector nu(width);
      for (int i = 0; i < width; ++i) nu[i] = sign_(static_cast<int>(b), step.t, i);
      const Vector carried = product(width, width, 1, step.linear[b].jacobian(), state);
      const Vector P = product(1, width, p, nu, step.linear[b].influence);
      Vector new_state(width, 0.0), new_weights(p, 0.0);
      if (norm(carried) > 0 && norm(weights) > 0) {
        const double rho = std::sqrt(norm(weights) / norm(carried));
        for (int i = 0; i < width; ++i) new_state[i] += rho * carried[i];
        for (int k = 0; k < p; ++k) new_weights[k] += weights[k] / rho;
      }
      if (norm(P) > 0 && norm(nu) > 0) {
        const double rho = std::sqrt(norm(P) / norm(nu));
        for (int i = 0; i < width; ++i) new_state[i] += rho * nu[i];
        for (int k = 0; k < p; ++k) new_weights[k] += P[k] / rho;
      }
      state = new_state;
      weights = new_weights;
      double projected = 0;
      for (int i = 0; i < width; ++i) projected += step.credit[b][i] * state[i];
      for (int k = 0; k < p; ++k) gradient[k] += projected * weights[k];
    }
  }

 private:
  const Layout& layout_;
  std::function<double(int, std::int64_t, int)> sign_;
  std::vector<Vector> state_, weights_;  // [B][N S d], [B][p]
};

std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  if (!rule.sign) throw Error(Exit::usage, "rule.sign", "uoro needs its signs.");
  return std::make_unique<Uoro>(problem, layout, rule);
}

constexpr DenseDefinition definition[] = {{"uoro", make}};

}  // namespace

std::span<const DenseDefinition> uoro_rules() {
  return definition;
}

}  // namespace chronograd::checking
