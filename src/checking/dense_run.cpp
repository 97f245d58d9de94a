// SPDX-License-Identifier: Apache-2.0
// Runs a dense rule over a row, with frozen weights or learning online.
#include "checking/dense_rule.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

OracleGradient run(const OracleProblem& problem, const RuleDefinition& rule, int every, double lr) {
  const Layout layout(problem);
  const int B = problem.B, T = problem.T, m = problem.m;
  if (every < 0 || rule.L < 0)
    throw Error(Exit::usage, every < 0 ? "update.every" : "rule.L", "got a negative number of steps.");
  const int interval = every == 0 ? T : every, window = rule.L == 0 ? interval : rule.L;
  Vector theta = layout.pack(problem.parameters), total(layout.total, 0.0), pending(layout.total, 0.0);
  const std::unique_ptr<DenseRule> learner = make_dense_rule(problem, layout, rule);
  std::vector<Vector> state;
  for (int b = 0; b < B; ++b) state.push_back(initial_state(problem, layout, b));
  OracleGradient result;
  result.loss_t.resize(B * T);
  const int width = layout.shown_width();
  result.h.resize(B * T * width);
  result.y.resize(B * T * m);
  for (const ParameterShape& shape : layout.shapes) result.per_step[shape.name].reserve(T * shape.size());
  for (int t = 0; t < T; ++t) {
    DenseStep now;
    now.t = t;
    now.window_begins = t % interval % window == 0;
    now.last = t + 1 == T;
    now.interval_ends = now.last || (t + 1) % interval == 0;
    now.window_ends = now.interval_ends || (t + 1) % interval % window == 0;
    now.theta = &theta;
    now.before = state;
    Vector gradient(layout.total, 0.0);
    for (int b = 0; b < B; ++b) {
      const int at = b * T + t;
      now.cut.push_back(begins(problem, b, t));
      now.linear.push_back(linearise(problem, layout, theta, b, t, state[b]));
      state[b] = now.linear[b].after;
      now.reading.push_back(read_out(problem, layout, theta, b, t, state[b]));
      now.credit.emplace_back(layout.width(), 0.0);
      std::copy(now.reading[b].credit.begin(), now.reading[b].credit.end(), now.credit[b].begin() + layout.shown());
      if (const int q = problem.third_numbers(); q > 0)
        now.third.emplace_back(problem.third.begin() + at * q, problem.third.begin() + (at + 1) * q);
      now.target.emplace_back(problem.y.begin() + at * m, problem.y.begin() + (at + 1) * m);
      if (loss_weight(problem, b, t) == 0) now.target[b].assign(m, 0.0);  // a step without a loss has no target
      add_readout_gradient(layout, now.reading[b], state[b], gradient);
      result.loss += now.reading[b].loss;
      result.loss_t[at] = now.reading[b].loss;
      for (int i = 0; i < width; ++i) result.h[at * width + i] = state[b][layout.top() + i];
      for (int k = 0; k < m; ++k) result.y[at * m + k] = now.reading[b].y[k];
    }
    learner->learn(now, gradient);
    if (t + 1 == T) learner->flush(gradient);
    for (std::size_t k = 0; k < layout.total; ++k) gradient[k] *= layout.present[k];
    for (std::size_t k = 0; k < layout.total; ++k) {
      total[k] += gradient[k];
      pending[k] += gradient[k];
    }
    for (const auto& [name, values] : layout.unpack(gradient)) {
      Vector& all = result.per_step[name];
      all.insert(all.end(), values.begin(), values.end());
    }
    if (!now.interval_ends) continue;
    for (std::size_t k = 0; k < layout.total; ++k) theta[k] -= lr * pending[k];
    pending.assign(layout.total, 0.0);
  }
  for (const Vector& last : state) result.end.insert(result.end.end(), last.begin(), last.end());
  result.gradient = layout.unpack(total);
  result.parameters = layout.unpack(theta);
  return result;
}

}  // namespace

std::unique_ptr<DenseRule> make_dense_rule(const OracleProblem& problem, const Layout& layout,
                                           const RuleDefinition& rule) {
  if (rule.reach > 0) return make_reach_rule(problem, layout, rule);
  std::string names;
  for (const auto table : {influence_rules(), window_rules(), uoro_rules(), kf_rules(), ok_rules(), kernl_rules(),
                           perturb_rules(), pp_prop_rules(), dni_rules(), dni_window_rules(), bp_lambda_rules()})
    for (const DenseDefinition& definition : table) {
      if (rule.name == definition.name) return definition.make(problem, layout, rule);
      names += (names.empty() ? "" : ", ") + std::string(definition.name);
    }
  throw Error(Exit::usage, "rule.name", "got '" + rule.name + "', oracles exist for " + names + ".");
}

OracleGradient dense_rule(const OracleProblem& problem, const RuleDefinition& rule, int every) {
  return run(problem, rule, every, 0);
}

OracleGradient online(const OracleProblem& problem, const RuleDefinition& rule, int every, double lr) {
  return run(problem, rule, every, lr);
}

}  // namespace chronograd::checking
