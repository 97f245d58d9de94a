// SPDX-License-Identifier: Apache-2.0
// The network unrolled over a row, with its loss, over any scalar.
#pragma once

#include <vector>

#include "checking/cells.hpp"

namespace chronograd::checking {

/// What the network does on the way, as plain numbers.
struct Trajectory {
  Vector h, y, loss_t, end;
};

/// The loss of all streams and steps. theta: all parameters; x [B][T][n]; start [B][N S d] states before the first
/// step.
template <class S>
S total_loss(const OracleProblem& problem, const Layout& layout, const std::vector<S>& theta, const std::vector<S>& x,
             const std::vector<S>& start, Trajectory* trajectory = nullptr) {
  const int T = problem.T, width = layout.width();
  S total = 0.0;
  for (int b = 0; b < problem.B; ++b) {
    std::vector<S> state(start.begin() + b * width, start.begin() + (b + 1) * width);
    for (int t = 0; t < T; ++t) {
      if (begins(problem, b, t)) state.assign(width, S(0.0));
      const S* input = x.data() + (b * T + t) * layout.n;
      const std::vector<S> seen = seen_in(layout, state);
      state = step(problem, layout, theta.data(), input, seen.data(), state.data(), b, t);
      const std::vector<S> a = pre_output(layout, theta.data(), state.data() + layout.shown(), divisor(problem, b, t));
      const std::vector<S> y = output_of(layout.output, a);
      const double* target = problem.y.data() + (b * T + t) * layout.m;
      const double weight = loss_weight(problem, b, t);
      S loss = 0.0;
      if (weight != 0) loss = weight * loss_of(layout, a, y, target);
      total = total + loss;
      if (trajectory == nullptr) continue;
      for (int i = 0; i < layout.shown_width(); ++i) trajectory->h.push_back(value_of(state[layout.top() + i]));
      for (const S& v : y) trajectory->y.push_back(value_of(v));
      trajectory->loss_t.push_back(value_of(loss));
    }
    if (trajectory == nullptr) continue;
    for (const S& v : state) trajectory->end.push_back(value_of(v));
  }
  return total;
}

/// States before the first step, [B][N S d].
inline Vector initial_states(const OracleProblem& problem, const Layout& layout) {
  Vector start;
  for (int b = 0; b < problem.B; ++b) {
    const Vector state = initial_state(problem, layout, b);
    start.insert(start.end(), state.begin(), state.end());
  }
  return start;
}

}  // namespace chronograd::checking
