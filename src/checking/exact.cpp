// SPDX-License-Identifier: Apache-2.0
// The exact gradient in three ways that share only the forward formulas: dual numbers, a reverse tape, differences.
#include <algorithm>
#include <cmath>

#include "checking/unrolled.hpp"
#include "chronograd/error.hpp"

namespace chronograd::checking {
namespace {

Vector without_absent(const Layout& layout, Vector gradient) {
  for (std::size_t k = 0; k < layout.total; ++k) gradient[k] *= layout.present[k];
  return gradient;
}

OracleGradient result_of(const Layout& layout, const Vector& gradient, double loss, Trajectory&& trajectory) {
  OracleGradient result;
  result.gradient = layout.unpack(without_absent(layout, gradient));
  result.loss = loss;
  result.h = std::move(trajectory.h);
  result.y = std::move(trajectory.y);
  result.loss_t = std::move(trajectory.loss_t);
  result.end = std::move(trajectory.end);
  return result;
}

}  // namespace

OracleGradient exact_forward_mode(const OracleProblem& problem) {
  const Layout layout(problem);
  const Vector theta = layout.pack(problem.parameters), start = initial_states(problem, layout);
  const std::vector<Dual> x(problem.x.begin(), problem.x.end()), state(start.begin(), start.end());
  Vector gradient(layout.total);
  Trajectory trajectory;
  double loss = 0;
  for (std::size_t first = 0; first < layout.total; first += lanes) {
    const std::size_t count = std::min<std::size_t>(lanes, layout.total - first);
    std::vector<Dual> seeded(theta.begin(), theta.end());
    for (std::size_t k = 0; k < count; ++k) seeded[first + k].slope[k] = 1;
    const Dual total = total_loss(problem, layout, seeded, x, state, first == 0 ? &trajectory : nullptr);
    for (std::size_t k = 0; k < count; ++k) gradient[first + k] = total.slope[k];
    loss = total.value;
  }
  return result_of(layout, gradient, loss, std::move(trajectory));
}

OracleGradient exact_reverse_mode(const OracleProblem& problem) {
  const Layout layout(problem);
  Tape tape;
  const auto on_tape = [&](const Vector& values) {
    std::vector<Var> variables;
    for (const double v : values) variables.emplace_back(v, tape);
    return variables;
  };
  const std::vector<Var> theta = on_tape(layout.pack(problem.parameters)), x = on_tape(problem.x);
  const std::vector<Var> start = on_tape(initial_states(problem, layout));
  Trajectory trajectory;
  const Var total = total_loss(problem, layout, theta, x, start, &trajectory);
  const Vector adjoint = tape.sweep(total.node);
  const auto adjoint_of = [&](const std::vector<Var>& variables) {
    Vector values;
    for (const Var& v : variables) values.push_back(adjoint[v.node]);
    return values;
  };
  OracleGradient result = result_of(layout, adjoint_of(theta), total.value, std::move(trajectory));
  result.x = adjoint_of(x);
  const Vector from_start = adjoint_of(start);
  for (int l = 0; l < layout.layers; ++l)
    for (int b = 0; b < problem.B; ++b) {
      const auto state = from_start.begin() + b * layout.width() + layout.first(l);
      result.h0.insert(result.h0.end(), state, state + layout.d);
      result.c0.insert(result.c0.end(), state + layout.d, state + (layout.states - layout.carried) * layout.d);
    }
  return result;
}

OracleGradient central_differences(const OracleProblem& problem) {
  const Layout layout(problem);
  if (layout.cell == CellKind::alif)
    throw Error(Exit::usage, "cell", "got alif, whose h jumps, allowed are cells whose slopes are those of their h.");
  Vector theta = layout.pack(problem.parameters);
  const Vector start = initial_states(problem, layout);
  Trajectory trajectory;
  const double loss = total_loss(problem, layout, theta, problem.x, start, &trajectory);
  Vector gradient(layout.total);
  for (std::size_t k = 0; k < layout.total; ++k) {
    // The cube root of the rounding error balances it against the neglected third derivative.
    const double there = theta[k], width = 6e-6 * std::max(1.0, std::abs(there));
    theta[k] = there + width;
    const double up = theta[k], above = total_loss(problem, layout, theta, problem.x, start);
    theta[k] = there - width;
    const double down = theta[k], below = total_loss(problem, layout, theta, problem.x, start);
    theta[k] = there;
    gradient[k] = (above - below) / (up - down);
  }
  return result_of(layout, gradient, loss, std::move(trajectory));
}

}  // namespace chronograd::checking
