// SPDX-License-Identifier: Apache-2.0
#include "checking/linear_step.hpp"

#include <algorithm>

#include "checking/cells.hpp"

namespace chronograd::checking {

Vector LinearStep::jacobian() const {
  Vector sum = direct;
  for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += recurrent[k];
  return sum;
}

LinearStep linearise(const OracleProblem& problem, const Layout& layout, const Vector& theta, int b, int t,
                     const Vector& before) {
  const int width = layout.width(), seen_width = layout.shown_width(), p = static_cast<int>(layout.p),
            hs = layout.layers * seen_width, drives = layout.driven() ? layout.layers * 2 * layout.d : 0,
            variables = p + width + 2 * hs + drives;
  const bool cut = begins(problem, b, t);
  const double* row = problem.x.data() + (b * problem.T + t) * layout.n;
  const std::vector<Dual> x(row, row + layout.n);
  LinearStep result;
  result.direct.assign(width * width, 0.0);
  result.recurrent.assign(width * width, 0.0);
  result.influence.assign(width * layout.p, 0.0);
  result.up.assign(width * hs, 0.0);
  result.drive.assign(width * drives, 0.0);
  // The variables are, in this order, the parameters, the state kept, the h seen by W_rec, a lift of each new h, and
  // what is added to pre-activations that have no bias.
  for (int first = 0; first < variables; first += lanes) {
    std::vector<Dual> weights(theta.begin(), theta.end()), state(width), lift(hs), drive(drives);
    if (!cut) state.assign(before.begin(), before.end());
    std::vector<Dual> seen = seen_in(layout, state);
    const int count = std::min(lanes, variables - first);
    for (int k = 0; k < count; ++k) {
      const int v = first + k;
      (v < p                    ? weights[v]
       : v < p + width          ? state[v - p]
       : v < p + width + hs     ? seen[v - p - width]
       : v < p + width + 2 * hs ? lift[v - p - width - hs]
                                : drive[v - p - width - 2 * hs])
          .slope[k] = 1;
    }
    const std::vector<Dual> after = step(problem, layout, weights.data(), x.data(), seen.data(), state.data(), b, t,
                                         lift.data(), drives > 0 ? drive.data() : nullptr);
    for (int i = 0; i < width; ++i)
      for (int k = 0; k < count; ++k) {
        const int v = first + k, h = v - p - width;
        const double slope = after[i].slope[k];
        if (v < p)
          result.influence[i * p + v] = slope;
        else if (h >= 2 * hs)
          result.drive[i * drives + h - 2 * hs] = slope;
        else if (h >= hs && (h - hs) / seen_width < layout.layer_of_state(i))
          result.up[i * hs + h - hs] = slope;
        else if (cut || h >= hs)
          continue;
        else if (h < 0)
          result.direct[i * width + v - p] = slope;
        else
          result.recurrent[i * width + layout.first(h / seen_width) + h % seen_width] = slope;
      }
    if (first == 0)
      for (const Dual& v : after) result.after.push_back(v.value);
  }
  return result;
}

Reading read_out(const OracleProblem& problem, const Layout& layout, const Vector& theta, int b, int t,
                 const Vector& state) {
  const int d = layout.shown_width(), m = layout.m;
  const double weight = loss_weight(problem, b, t);
  const double* target = problem.y.data() + (b * problem.T + t) * m;
  const Vector a = pre_output(layout, theta.data(), state.data() + layout.shown(), divisor(problem, b, t));
  Reading reading;
  reading.divisor = divisor(problem, b, t);
  reading.y = output_of(layout.output, a);
  reading.error.assign(m, 0.0);
  reading.credit.assign(d, 0.0);
  if (weight == 0) return reading;
  reading.loss = weight * loss_of(layout, a, reading.y, target);
  for (int first = 0; first < m; first += lanes) {
    std::vector<Dual> seeded(a.begin(), a.end());
    const int count = std::min(lanes, m - first);
    for (int k = 0; k < count; ++k) seeded[first + k].slope[k] = 1;
    const Dual loss = loss_of(layout, seeded, output_of(layout.output, seeded), target);
    for (int k = 0; k < count; ++k) reading.error[first + k] = weight * loss.slope[k];
  }
  for (int i = 0; i < d; ++i)
    for (int k = 0; k < m; ++k) {
      const double way = problem.feedback.empty() ? theta[layout.W_out + k * d + i] : problem.feedback[i * m + k];
      reading.credit[i] += way * reading.error[k] / reading.divisor;
    }
  return reading;
}

void add_readout_gradient(const Layout& layout, const Reading& reading, const Vector& state, Vector& gradient) {
  for (int k = 0; k < layout.m; ++k) {
    for (int i = 0; i < layout.shown_width(); ++i)
      gradient[layout.W_out + k * layout.shown_width() + i] +=
          reading.error[k] * state[layout.shown() + i] / reading.divisor;
    gradient[layout.b_y + k] += reading.error[k];
  }
}

Vector product(int rows, int inner, int cols, const Vector& A, const Vector& B) {
  Vector C(rows * cols, 0.0);
  for (int i = 0; i < rows; ++i)
    for (int k = 0; k < inner; ++k) {
      const double a = A[i * inner + k];
      if (a == 0) continue;
      for (int j = 0; j < cols; ++j) C[i * cols + j] += a * B[k * cols + j];
    }
  return C;
}

}  // namespace chronograd::checking
