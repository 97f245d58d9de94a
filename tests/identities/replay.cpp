// SPDX-License-Identifier: Apache-2.0
// rolling_tbptt while weights change at every step, beside a replay in plain loops: each step's window is run again
// from its first step under the weights of now, and differentiated as a whole.
#include <gtest/gtest.h>

#include "chronograd/train.hpp"
#include "conformance/rule_pair.hpp"

namespace chronograd::identities {
namespace {

using checking::close;
using checking::Named;
using checking::OracleGradient;
using checking::OracleProblem;
using checking::Vector;

constexpr double rate = 0.05;

/// The steps [from, to) of a problem under other weights, from given states [B][width] (empty: the problem's own).
OracleProblem window(const OracleProblem& whole, int from, int to, const Named& parameters, const Vector& states) {
  OracleProblem part = whole;
  part.parameters = parameters;
  part.T = to - from;
  const auto keep = [&](Vector& array, int width) {
    Vector kept;
    for (int b = 0; b < whole.B && !array.empty(); ++b) {
      const auto row = array.begin() + static_cast<std::ptrdiff_t>(b) * whole.T * width;
      kept.insert(kept.end(), row + from * width, row + to * width);
    }
    array = kept;
  };
  keep(part.x, whole.n);
  keep(part.y, whole.m);
  keep(part.third, whole.third_numbers());
  keep(part.mask, 1);
  keep(part.reset, 1);
  keep(part.xi, whole.layers * whole.d);
  if (states.empty()) return part;
  part.h0.clear();
  part.c0.clear();
  const auto d = static_cast<std::ptrdiff_t>(whole.d);
  const std::ptrdiff_t layer = static_cast<std::ptrdiff_t>(states.size()) / (whole.B * whole.layers);
  for (int l = 0; l < whole.layers; ++l)
    for (int b = 0; b < whole.B; ++b) {
      const auto state = states.begin() + (static_cast<std::ptrdiff_t>(b) * whole.layers + l) * layer;
      part.h0.insert(part.h0.end(), state, state + d);
      part.c0.insert(part.c0.end(), state + d, state + layer);
    }
  return part;
}

/// The weights after a step of gradient descent at every step of the row.
Named replayed(const OracleProblem& problem, int L) {
  Named weights = problem.parameters;
  std::vector<Vector> before = {{}};  // the states as they were reached
  for (int t = 0; t < problem.T; ++t) {
    const OracleGradient now = exact_reverse_mode(window(problem, t, t + 1, weights, before[t]));
    before.push_back(now.end);
    const int first = std::max(0, t + 1 - L), last = t - first;
    OracleProblem again = window(problem, first, t + 1, weights, before[first]);
    // The error is that of the loss which was measured: the target is moved to where the replayed output is as far off.
    const Vector y = exact_reverse_mode(again).y;
    for (int b = 0; b < problem.B; ++b) {
      for (int k = 0; k < problem.m; ++k) {
        const int at = (b * again.T + last) * problem.m + k;
        again.y[at] += y[at] - now.y[b * problem.m + k];
      }
      for (int s = 0; s < last; ++s) again.mask[b * again.T + s] = 0;
    }
    const Named through = exact_reverse_mode(again).gradient;
    for (auto& [name, values] : weights) {
      const bool readout = name == "W_out" || name == "b_y";
      for (std::size_t k = 0; k < values.size(); ++k)
        values[k] -= rate * (readout ? now.gradient : through).at(name)[k];
    }
  }
  return weights;
}

class Replay : public testing::TestWithParam<const CellRecord*> {
 protected:
  static Named learnt(const OracleProblem& problem, const char* rule, int L) {
    std::map<std::string, std::string> options;
    if (L > 0) options["L"] = std::to_string(L);
    const Config config =
        checking::problem_config(problem, {.rule = rule, .options = options, .every = 1, .lr = rate, .seed = 11});
    const Arrays parameters = checking::problem_parameters(problem);
    RunOptions run;
    run.parameters = &parameters;
    const RunResult result = train(config, checking::ProblemTask(problem), run);
    EXPECT_EQ(result.status, RunResult::Status::done);
    EXPECT_EQ(result.updates, problem.T);
    return conformance::to_named(result.parameters);
  }
};

TEST_P(Replay, rolling_tbptt_learns_as_bptt_through_its_window_under_the_weights_of_now) {
  for (const int layers : {1, 2}) {
    SCOPED_TRACE("layers " + std::to_string(layers));
    OracleProblem p = checking::random_problem(61, {.cell = GetParam()->entry.name,
                                                    .activation = "tanh",
                                                    .loss = "mse",
                                                    .output = "identity",
                                                    .layers = layers,
                                                    .d = 4,
                                                    .n = 2,
                                                    .m = 2,
                                                    .B = 3,
                                                    .T = 12,
                                                    .masked = true,
                                                    .initial_state = true,
                                                    .sparse = true,
                                                    .noise = has_option(GetParam()->entry, "noise"),
                                                    .gain = 0.9});
    if (p.sigma > 0) p.xi = checking::draw_noise(p, 11);
    p.reset.assign(p.B * p.T, 0.0);
    for (const int t : {5, 6, 11}) p.reset[t] = 1;
    p.reset[p.T] = p.reset[p.T + 9] = 1;  // the second begins with one, the third has none
    const Named whole = replayed(p, p.T);
    for (const int L : {p.T, p.T + 3}) EXPECT_TRUE(close(learnt(p, "rolling_tbptt", L), whole, 1e-10)) << L;
    for (const int L : {1, 4}) EXPECT_TRUE(close(learnt(p, "rolling_tbptt", L), replayed(p, L), 1e-10)) << L;
    // Stale memory, and a window that is too short, are something else.
    EXPECT_FALSE(close(learnt(p, "rtrl", 0), whole, 1e-7));
    EXPECT_FALSE(close(learnt(p, "rolling_tbptt", 4), whole, 1e-7));
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, Replay,
                         testing::ValuesIn(std::vector<const CellRecord*>(catalogue<CellRecord>().begin(),
                                                                          catalogue<CellRecord>().end())),
                         [](const auto& test) { return std::string(test.param->entry.name); });

}  // namespace
}  // namespace chronograd::identities
