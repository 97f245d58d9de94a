// SPDX-License-Identifier: Apache-2.0
// Weight perturbation over an update interval, with given standard normal numbers: v_k = number k of the interval's
// first step for parameter k of the layers (in the order of files), number p + k in the second direction.
//   central   g = v (L(theta + sigma v) - L(theta - sigma v)) / (2 sigma), L the losses of the interval's steps, which
//             are run again from the state before them; the readout is that of theta
//   forward   g = v sum_t c_t . m_t,  m_t = J_t m_{t-1} + Mbar_t v from m = 0 at the entry, J_t = 0 at a reset
// both divided by the number of directions. Weights that are absent have v = 0.
#include "checking/cells.hpp"
#include "checking/dense_rule.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

class Perturb : public DenseRule {
 public:
  Perturb(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule)
      : problem_(problem), layout_(layout), rule_(rule) {}

  void learn(const DenseStep& step, Vector& gradient) override {
    if (step.window_begins) {
      first_ = step.t;
      entry_ = step.before;
      tangents_.assign(rule_.directions, std::vector<Vector>(problem_.B, Vector(layout_.width(), 0.0)));
      along_.assign(rule_.directions, 0.0);
    }
    for (int r = 0; r < rule_.directions && rule_.forward; ++r) {
      const Vector v = direction(r);
      for (int b = 0; b < problem_.B; ++b) along_[r] += carried(step, v, b, tangents_[r][b]);
    }
    if (!step.window_ends) return;
    for (int r = 0; r < rule_.directions; ++r) {
      const Vector v = direction(r);
      if (!rule_.forward)
        along_[r] = (loss(*step.theta, v, rule_.sigma, step.t) - loss(*step.theta, v, -rule_.sigma, step.t)) /
                    (2 * rule_.sigma);
      for (std::size_t k = 0; k < layout_.p; ++k) gradient[k] += v[k] * along_[r] / rule_.directions;
    }
  }

 private:
  Vector direction(int r) const {
    const int p = static_cast<int>(layout_.p);
    Vector v(p);
    for (int k = 0; k < p; ++k) v[k] = rule_.sign(0, first_, r * p + k) * layout_.present[k];
    return v;
  }

  /// The tangent of stream b over a step; returns what the step's credit makes of it.
  double carried(const DenseStep& step, const Vector& v, int b, Vector& tangent) const {
    const int width = layout_.width();
    const LinearStep& linear = step.linear[b];
    const Vector before = product(width, width, 1, linear.jacobian(), tangent);
    tangent = product(width, static_cast<int>(layout_.p), 1, linear.influence, v);
    double along = 0;
    for (int i = 0; i < width; ++i) {
      tangent[i] += before[i];
      along += step.credit[b][i] * tangent[i];
    }
    return along;
  }

  /// The losses of steps first_ ... last under theta + size v.
  double loss(const Vector& theta, const Vector& v, double size, int last) const {
    Vector shifted = theta;
    for (std::size_t k = 0; k < layout_.p; ++k) shifted[k] += size * v[k];
    double sum = 0;
    for (int b = 0; b < problem_.B; ++b) {
      Vector state = entry_[b];
      for (int t = first_; t <= last; ++t) {
        if (begins(problem_, b, t)) state.assign(layout_.width(), 0.0);
        const Vector seen = seen_in(layout_, state);
        state = checking::step<double>(problem_, layout_, shifted.data(),
                                       problem_.x.data() + (b * problem_.T + t) * problem_.n, seen.data(), state.data(),
                                       b, t);
        sum += read_out(problem_, layout_, theta, b, t, state).loss;
      }
    }
    return sum;
  }

  const OracleProblem& problem_;
  const Layout& layout_;
  RuleDefinition rule_;
  int first_ = 0;                              // the interval's first step
  std::vector<Vector> entry_;                  // [B][N S d] the state before it
  std::vector<std::vector<Vector>> tangents_;  // [directions][B][N S d]
  Vector along_;                               // [directions] of the interval
};

std::unique_ptr<DenseRule> make(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  if (!rule.sign) throw Error(Exit::usage, "rule.sign", "perturb needs its random numbers.");
  if (!(rule.sigma > 0) || rule.directions < 1)
    throw Error(Exit::usage, "rule.sigma",
                "got " + std::to_string(rule.sigma) + " and " + std::to_string(rule.directions) +
                    " directions, allowed is more than 0 and at least 1.");
  return std::make_unique<Perturb>(problem, layout, rule);
}

constexpr DenseDefinition definitions[] = {{"perturb", make}};

}  // namespace

std::span<const DenseDefinition> perturb_rules() {
  return definitions;
}

}  // namespace chronograd::checking
