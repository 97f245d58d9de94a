// SPDX-License-Identifier: Apache-2.0
// The naive double sum: dL_t/dtheta_s = c_t J_t J_{t-1} ... J_{s+1} Mbar_s for every pair s <= t, in both orders.
#include "checking/linear_step.hpp"

namespace chronograd::checking {
namespace {

/// All steps of one stream, and their sum's parts that need no second step.
struct Row {
  std::vector<LinearStep> linear;
  std::vector<Vector> jacobian, credit;
};

Vector unit_matrix(int size) {
  Vector I(size * size, 0.0);
  for (int i = 0; i < size; ++i) I[i * size + i] = 1;
  return I;
}

/// Adds c Phi Mbar.
void add_pair(const Layout& layout, const Vector& credit, const Vector& Phi, const Vector& influence,
              Vector& gradient) {
  const int width = layout.width(), p = static_cast<int>(layout.p);
  const auto shown = Phi.begin() + layout.shown() * width;
  const Vector rows(shown, shown + layout.shown_width() * width);  // the loss sees what the top layer shows only
  const Vector pulled = product(1, layout.shown_width(), width, credit, rows);
  const Vector term = product(1, width, p, pulled, influence);
  for (int k = 0; k < p; ++k) gradient[k] += term[k];
}

void sum_past(const Layout& layout, const Row& row, Vector& gradient) {
  const int width = layout.width(), T = static_cast<int>(row.linear.size());
  for (int t = 0; t < T; ++t) {
    Vector Phi = unit_matrix(width);
    for (int s = t; s >= 0; --s) {
      add_pair(layout, row.credit[t], Phi, row.linear[s].influence, gradient);
      Phi = product(width, width, width, Phi, row.jacobian[s]);
    }
  }
}

void sum_future(const Layout& layout, const Row& row, Vector& gradient) {
  const int width = layout.width(), T = static_cast<int>(row.linear.size());
  for (int s = 0; s < T; ++s) {
    Vector Phi = unit_matrix(width);
    for (int t = s; t < T; ++t) {
      if (t > s) Phi = product(width, width, width, row.jacobian[t], Phi);
      add_pair(layout, row.credit[t], Phi, row.linear[s].influence, gradient);
    }
  }
}

OracleGradient double_sum(const OracleProblem& problem, void (*sum)(const Layout&, const Row&, Vector&)) {
  const Layout layout(problem);
  const Vector theta = layout.pack(problem.parameters);
  OracleGradient result;
  Vector gradient(layout.total, 0.0);
  for (int b = 0; b < problem.B; ++b) {
    Row row;
    Vector state = initial_state(problem, layout, b);
    for (int t = 0; t < problem.T; ++t) {
      row.linear.push_back(linearise(problem, layout, theta, b, t, state));
      state = row.linear.back().after;
      const Reading reading = read_out(problem, layout, theta, b, t, state);
      row.jacobian.push_back(row.linear.back().jacobian());
      row.credit.push_back(reading.credit);
      add_readout_gradient(layout, reading, state, gradient);
      result.loss += reading.loss;
      result.loss_t.push_back(reading.loss);
      result.h.insert(result.h.end(), state.begin() + layout.top(),
                      state.begin() + layout.top() + layout.shown_width());
      result.y.insert(result.y.end(), reading.y.begin(), reading.y.end());
    }
    result.end.insert(result.end.end(), state.begin(), state.end());
    sum(layout, row, gradient);
  }
  for (std::size_t k = 0; k < layout.total; ++k) gradient[k] *= layout.present[k];
  result.gradient = layout.unpack(gradient);
  return result;
}

}  // namespace

OracleGradient double_sum_past(const OracleProblem& problem) {
  return double_sum(problem, sum_past);
}
OracleGradient double_sum_future(const OracleProblem& problem) {
  return double_sum(problem, sum_future);
}

}  // namespace chronograd::checking
