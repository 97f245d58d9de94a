// SPDX-License-Identifier: Apache-2.0
// Rules that look back over the last L steps at every step, by explicit products of Jacobians.
//   rolling_tbptt   the window is run again under the current weights from the state it began in; at its end M is the
//                   influence of the weights' uses inside it, and the newest step's credit is charged:  g_t = c_t M
//   f_bptt          g_t = sum over the losses of steps s ... t of  c_tau J_tau ... J_{s+1} Mbar_s,  s = t - L + 1, with
//                   each J_k for the loss of step tau made of the pre-activations of step k and the weights of tau,
//                   and Mbar_s of the pre-activations of step s and the weights of step t
#include <algorithm>

#include "checking/dense_rule.hpp"

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
        v = product(1, width, width, v, jacobian(steps_[s][b], begins(problem_, b, s)));
      }
    }
    if (newest + 1 - charged_ >= L_) charge(gradient);
  }

  void flush(Vector& gradient) override {
    while (charged_ < static_cast<int>(steps_.size())) charge(gradient);
  }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  /// Slope of state r by what a bias (d) is added to, from below or from before (gru's candidate takes them apart): the
  /// derivative by that bias, which depends on the step alone.
  double gain(const LinearStep& linear, int r, std::size_t bias) const {
    return linear.influence[r * layout_.p + bias + r % layout_.d];
  }

  /// The matrices (d, n) through which a layer reads, and the bias beside each; `none`: there is none, and the slope is
  /// that by what may be added, in the order of the matrices.
  std::vector<std::pair<std::size_t, std::size_t>> inputs(int layer) const {
    const Layout::Places& place = layout_.places[layer];
    const std::size_t d = layout_.d, size = d * layout_.inputs(layer);
    if (layout_.cell == CellKind::lru)
      return {{place.W_in, place.W_in + 2 * size}, {place.W_in + size, place.W_in + 2 * size + d}};
    if (layout_.cell == CellKind::lru_real) return {{place.W_in, place.b_rec}};
    if (layout_.cell == CellKind::rtu) return {{place.W_in, none}, {place.W_in + size, none}};
    std::vector<std::pair<std::size_t, std::size_t>> found;
    if (layout_.cell == CellKind::elstm)
      for (int g = 0; g < 3; ++g) found.emplace_back(place.W_in + g * size, place.b_in + g * d);
    else
      for (int g = 0; g < layout_.gates; ++g) found.emplace_back(place.W_in + g * size, place.b_in + g * d);
    return found;
  }

  /// The step's Jacobian with the weights of now: what a unit keeps of itself, and W_rec by the slopes of its step.
  Vector jacobian(const LinearStep& linear, bool cut) const {
    const int width = layout_.width(), d = layout_.d;
    Vector J(width * width, 0.0);
    for (int r = 0; !cut && r < width; ++r) {
      const int layer = layout_.layer_of_state(r), first = layout_.first(layer);
      for (int s = first + r % d; s < first + layout_.states * d; s += d)
        J[r * width + s] = linear.direct[r * width + s];
      for (int g = 0; layout_.recurs && g < layout_.gates; ++g)
        for (int l = 0; l < d; ++l)
          J[r * width + first + l] += gain(linear, r, layout_.places[layer].b_rec + g * d) *
                                      theta_[layout_.places[layer].W_rec + (g * d + r % d) * d + l];
    }
    pass_up(linear, width, J);
    return J;
  }

  /// The same for the influence: a layer's own, and what it moves above.
  Vector influence(const LinearStep& linear) const {
    const int p = static_cast<int>(layout_.p);
    const std::vector<Layout::Target> target = layout_.targets();
    Vector own = linear.influence;
    for (int r = 0; r < layout_.width(); ++r)
      for (int k = 0; k < p; ++k)
        if (target[k].layer != layout_.layer_of_state(r)) own[r * p + k] = 0;
    pass_up(linear, p, own);
    return own;
  }

  /// Adds to each layer's rows what comes in the same step from the h of the layer below, through W_in.
  void pass_up(const LinearStep& linear, int cols, Vector& rows) const {
    const int d = layout_.d, read = layout_.shown_width();
    for (int r = layout_.first(1); r < layout_.width(); ++r) {
      const int layer = layout_.layer_of_state(r);
      int which = 0;
      for (const auto& [weights, bias] : inputs(layer)) {
        const double own = bias == none ? linear.drive[(r * layout_.layers + layer) * 2 * d + which++ * d + r % d]
                                        : gain(linear, r, bias);
        for (int j = 0; j < read; ++j) {
          const double slope = own * theta_[weights + r % d * read + j];
          for (int c = 0; c < cols; ++c) rows[r * cols + c] += slope * rows[(layout_.first(layer - 1) + j) * cols + c];
        }
      }
    }
  }

  void charge(Vector& gradient) {
    const int width = layout_.width(), p = static_cast<int>(layout_.p);
    for (int b = 0; b < problem_.B; ++b) {
      const Vector g = product(1, width, p, credit_[charged_][b], influence(steps_[charged_][b]));
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
