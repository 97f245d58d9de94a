// SPDX-License-Identifier: Apache-2.0
// pp_prop: within a layer, for each group of pre-activations i (rows) that read the same regressors z_j (cols), the
// influence on the states k of unit i alone is M[k,(i,j)] = F_ki X_j with
//   X <- decay X + z,   F <- decay P(J F) + (1 - decay) P G,
// P what stays within a unit: rows i of states of other units, and of other layers, are zero. So J counts by what a
// unit keeps of itself, its own recurrent weights included. A reset drops both. Credit passes down the layers inside a
// step.
#include "checking/groups.hpp"

namespace chronograd::checking {
namespace {

class PpProp : public DenseRule {
 public:
  PpProp(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule)
      : problem_(problem), layout_(layout), decay_(rule.decay), groups_(groups_of(layout)), target_(layout.targets()) {
    for (const Group& group : groups_) {
      X_.emplace_back(problem.B, Vector(group.cols(), 0.0));
      F_.emplace_back(problem.B, Vector(layout.width() * group.rows(), 0.0));
    }
  }

  void learn(const DenseStep& step, Vector& gradient) override {
    const int width = layout_.width();
    for (int b = 0; b < problem_.B; ++b) {
      const Vector J = step.linear[b].jacobian(), credit = all_credit(step, b);
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        const Group& group = groups_[g];
        const int rows = group.rows(), cols = group.cols();
        const Vector z = regressors_of(problem_, layout_, group, step, b), G = gain_of(layout_, group, step.linear[b]);
        Vector &X = X_[g][b], &F = F_[g][b];
        if (step.cut[b]) {
          X.assign(cols, 0.0);
          F.assign(width * rows, 0.0);
        }
        F = product(width, width, rows, J, F);
        for (int j = 0; j < cols; ++j) X[j] = decay_ * X[j] + z[j];
        for (int k = 0; k < width; ++k)
          for (int i = 0; i < rows; ++i) {
            double& f = F[k * rows + i];
            f = within(group, k, i) ? decay_ * f + (1 - decay_) * G[k * rows + i] : 0;
            for (int j = 0; j < cols; ++j) gradient[group.index[i][j]] += credit[k] * f * X[j];
          }
      }
    }
  }

 private:
  /// State k is one of the unit's that row i leads into.
  bool within(const Group& group, int k, int i) const {
    const Layout::Target& target = target_[group.index[i][0]];
    return layout_.layer_of_state(k) == target.layer && k % layout_.d == target.unit;
  }

  /// Credit on all states, that of lower layers' h through the layers above included.
  Vector all_credit(const DenseStep& step, int b) const {
    const int width = layout_.shown_width(), hs = layout_.layers * width;
    Vector all = step.credit[b];
    for (int l = 0; l + 1 < layout_.layers; ++l)
      for (int i = 0; i < width; ++i)
        for (int j = 0; j < layout_.width(); ++j)
          all[layout_.first(l) + i] += step.credit[b][j] * step.linear[b].up[j * hs + l * width + i];
    return all;
  }

  const OracleProblem& problem_;
  const Layout& layout_;
  double decay_;
  std::vector<Group> groups_;
  std::vector<Layout::Target> target_;
  std::vector<std::vector<Vector>> X_, F_;  // [groups][B]
};

std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  return std::make_unique<PpProp>(problem, layout, rule);
}

constexpr DenseDefinition definitions[] = {{"pp_prop", make}};

}  // namespace

std::span<const DenseDefinition> pp_prop_rules() {
  return definitions;
}

}  // namespace chronograd::checking
