// SPDX-License-Identifier: Apache-2.0
// Rules that carry an influence matrix M (N S d, p) per stream: M <- keep * (F M + Mbar), gradient += c M on the rows
// of what is shown.
#include "checking/dense_rule.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

enum class Carry { nothing, direct, fixed, all };

/// Structure of the Jacobian inside layers, true where an entry can differ from zero: within a unit always; from unit l
/// to unit k through h where a weight of k reads l.
std::vector<bool> jacobian_pattern(const Layout& layout) {
  const int width = layout.width(), d = layout.d, own = layout.states * d;
  std::vector<bool> pattern(width * width, false);
  for (int r = 0; r < width; ++r) {
    const int layer = layout.layer_of_state(r), first = layout.first(layer), k = r % d;
    for (int l = 0; l < d; ++l)
      for (int g = 0; layout.recurs && g < layout.gates; ++g)
        if (layout.present[layout.places[layer].W_rec + (g * d + k) * d + l] != 0)
          pattern[r * width + first + l] = true;
    for (int s = first + k; s < first + own; s += d) pattern[r * width + s] = true;
  }
  return pattern;
}

/// Entries of M within a layer.
Vector layer_pattern(const Layout& layout) {
  const int p = static_cast<int>(layout.p);
  const std::vector<Layout::Target> target = layout.targets();
  Vector keep(layout.width() * layout.p, 0.0);
  for (int r = 0; r < layout.width(); ++r)
    for (int k = 0; k < p; ++k) keep[r * p + k] = layout.layer_of_state(r) == target[k].layer ? 1 : 0;
  return keep;
}

/// Whether a parameter leads into the gate o of a cell with states h and c.
bool gate_of_h(const Layout& layout, const Layout::Target& target, int k) {
  if (layout.cell == CellKind::lstm) return target.gate == 3;
  if (layout.cell != CellKind::elstm) return false;
  for (const ParameterShape& shape : layout.shapes)
    if (static_cast<std::size_t>(k) < shape.begin + shape.size()) return shape.name[2] == 'o';
  return false;
}

/// Entries of M that snap(n) keeps: those that the parameter reaches in fewer than n steps after its own.
Vector snap_pattern(const Layout& layout, int n, bool strict) {
  const int width = layout.width(), d = layout.d, p = static_cast<int>(layout.p);
  const std::vector<Layout::Target> target = layout.targets();
  const std::vector<bool> hop = jacobian_pattern(layout);
  Vector keep = layer_pattern(layout);
  for (int r = 0; r < width; ++r)
    for (int k = 0; k < p; ++k) {
      const bool own = r % d == target[k].unit;
      // o acts on h, and what is made of it, but not on c
      const bool late =
          strict && gate_of_h(layout, target[k], k) && (r - layout.first(layout.layer_of_state(r))) / d == 1;
      if (!own || late) keep[r * p + k] = 0;
    }
  for (int hops = 1; hops < n; ++hops) {
    const Vector before = keep;
    for (int r = 0; r < width; ++r)
      for (int s = 0; s < width; ++s)
        for (int k = 0; k < p && hop[r * width + s]; ++k)
          if (before[s * p + k] != 0) keep[r * p + k] = 1;
    if (keep == before) break;
  }
  return keep;
}

class InfluenceRule : public DenseRule {
 public:
  /// With entries to `keep` (empty: all) M stays within layers, and so does the Jacobian that carries it.
  /// `decay` is what Carry::fixed keeps of M.
  InfluenceRule(const OracleProblem& problem, const Layout& layout, Carry carry, bool windows, Vector keep,
                double decay = 0, std::vector<Vector> broadcast = {}, bool third = false)
      : layout_(layout),
        broadcast_(std::move(broadcast)),
        third_(third),
        carry_(carry),
        windows_(windows),
        decay_(decay),
        keep_(std::move(keep)),
        M_(problem.B, Vector(layout.width() * layout.p, 0.0)) {}

  void learn(const DenseStep& step, Vector& gradient) override {
    const int width = layout_.width(), p = static_cast<int>(layout_.p);
    for (std::size_t b = 0; b < M_.size(); ++b) {
      Vector& M = M_[b];
      const LinearStep& linear = step.linear[b];
      const bool forget = carry_ == Carry::nothing || step.cut[b] || (windows_ && step.window_begins);
      if (forget)
        M.assign(M.size(), 0.0);
      else
        M = product(width, width, p, jacobian(linear), M);
      for (std::size_t k = 0; k < M.size(); ++k) M[k] += linear.influence[k];
      for (std::size_t k = 0; k < keep_.size(); ++k) M[k] *= keep_[k];
      if (third_)
        add_third(step.third[b], M, gradient);
      else
        add_gradient(linear, step.credit[b], step.reading[b].error, M, gradient);
    }
  }

 private:
  Vector jacobian(const LinearStep& linear) const {
    const int width = layout_.width();
    Vector J = carry_ == Carry::direct ? linear.direct : linear.jacobian();
    if (carry_ == Carry::fixed)
      for (int r = 0; r < width; ++r)
        for (int s = 0; s < width; ++s) J[r * width + s] = r == s ? decay_ : 0;
    for (int r = 0; !keep_.empty() && r < width; ++r)
      for (int s = 0; s < width; ++s)
        if (layout_.layer_of_state(r) != layout_.layer_of_state(s)) J[r * width + s] = 0;
    return J;
  }

  /// A signal for all units, for those of every layer, or for those of all layers, on what a layer shows.
  void add_third(const Vector& third, const Vector& M, Vector& gradient) const {
    const int p = static_cast<int>(layout_.p), d = layout_.d, q = static_cast<int>(third.size());
    for (int l = 0; l < layout_.layers; ++l)
      for (int i = 0; i < layout_.shown_width(); ++i) {
        const int unit = i % d, row = (l + 1 == layout_.layers ? layout_.shown() : layout_.first(l)) + i;
        const double signal = third[q == 1 ? 0 : q == d ? unit : l * d + unit];
        for (int k = 0; k < p; ++k) gradient[k] += signal * M[row * p + k];
      }
  }

  void add_gradient(const LinearStep& linear, const Vector& credit, const Vector& error, const Vector& M,
                    Vector& gradient) const {
    const int p = static_cast<int>(layout_.p), width = layout_.shown_width(), hs = layout_.layers * width;
    for (int i = 0; i < layout_.width(); ++i)
      for (int k = 0; k < p; ++k) gradient[k] += credit[i] * M[i * p + k];
    for (int l = 0; !keep_.empty() && l + 1 < layout_.layers; ++l)
      for (int i = 0; i < width; ++i) {
        double c = 0;  // on the h of layer l, through the layers above or from the readout's error
        for (int j = 0; broadcast_.empty() && j < layout_.width(); ++j)
          c += credit[j] * linear.up[j * hs + l * width + i];
        for (int k = 0; !broadcast_.empty() && k < layout_.m; ++k) c += broadcast_[l][i * layout_.m + k] * error[k];
        for (int k = 0; k < p; ++k) gradient[k] += c * M[(layout_.first(l) + i) * p + k];
      }
  }

  const Layout& layout_;
  std::vector<Vector> broadcast_;  // see RuleDefinition
  bool third_;                     // the third factor stands in place of all credit
  Carry carry_;
  bool windows_;
  double decay_;
  Vector keep_;            // [N S d][p] or empty: everything
  std::vector<Vector> M_;  // [B][N S d][p]
};

class ReadoutOnly : public DenseRule {
 public:
  void learn(const DenseStep& /*step*/, Vector& /*gradient*/) override {}
};

std::unique_ptr<DenseRule> readout_only(const OracleProblem& /*problem*/, const Layout& /*layout*/,
                                        const RuleDefinition& /*rule*/) {
  return std::make_unique<ReadoutOnly>();
}

template <Carry carry, bool windows = false>
std::unique_ptr<DenseRule> everywhere(const OracleProblem& problem, const Layout& layout,
                                      const RuleDefinition& /*rule*/) {
  return std::make_unique<InfluenceRule>(problem, layout, carry, windows, Vector());
}

std::unique_ptr<DenseRule> local(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  return std::make_unique<InfluenceRule>(problem, layout, rule.decay < 0 ? Carry::direct : Carry::fixed, false,
                                         layer_pattern(layout), rule.decay, rule.broadcast);
}

std::unique_ptr<DenseRule> three_factor(const OracleProblem& problem, const Layout& layout,
                                        const RuleDefinition& /*rule*/) {
  if (problem.third.empty()) throw Error(Exit::usage, "third", "got none, needed by three_factor.");
  return std::make_unique<InfluenceRule>(problem, layout, Carry::direct, false, layer_pattern(layout), 0,
                                         std::vector<Vector>(), true);
}

std::unique_ptr<DenseRule> snap(const OracleProblem& problem, const Layout& layout, const RuleDefinition& rule) {
  if (rule.n < 1) throw Error(Exit::usage, "rule.n", "got " + std::to_string(rule.n) + ", allowed is 1 or more.");
  return std::make_unique<InfluenceRule>(problem, layout, Carry::all, false, snap_pattern(layout, rule.n, rule.strict));
}

constexpr DenseDefinition definitions[] = {
    {"readout_only", readout_only},
    {"immediate", everywhere<Carry::nothing>},
    {"rflo", local},
    {"eprop", local},
    {"three_factor", three_factor},
    {"rtrl", everywhere<Carry::all>},
    {"sparse_rtrl", everywhere<Carry::all>},
    {"tbptt", everywhere<Carry::all, true>},
    {"snap", snap},
};

}  // namespace

std::span<const DenseDefinition> influence_rules() {
  return definitions;
}

}  // namespace chronograd::checking
