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
  const int width = layout.width(), d = layout.d, p = static_cast<int>(layout.p), variables = p + width + d;
  const bool cut = begins(problem, b, t);
  const double* row = problem.x.data() + (b * problem.T + t) * layout.n;
  const std::vector<Dual> x(row, row + layout.n);
  LinearStep result;
  result.direct.assign(width * width, 0.0);
  result.recurrent.assign(width * width, 0.0);
  result.influence.assign(width * layout.p, 0.0);
  // The variables are, in this order, the cell's parameters, the state kept and the h seen by the weights.
  for (int first = 0; first < variables; first += lanes) {
    std::vector<Dual> weights(theta.begin(), theta.end()), state(width), seen(d);
    if (!cut) {
      state.assign(before.begin(), before.end());
      seen.assign(before.begin(), before.begin() + d);
    }
    const int count = std::min(lanes, variables - first);
    for (int k = 0; k < count; ++k) {
      const int v = first + k;
      (v < p ? weights[v] : v < p + width ? state[v - p] : seen[v - p - width]).slope[k] = 1;
    }
    const std::vector<Dual> after = step(problem, layout, weights.data(), x.data(), seen.data(), state.data(), b, t);
    for (int i = 0; i < width; ++i)
      for (int k = 0; k < count; ++k) {
        const int v = first + k;
        if (v < p)
          result.influence[i * p + v] = after[i].slope[k];
        else if (!cut && v < p + width)
          result.direct[i * width + v - p] = after[i].slope[k];
        else if (!cut)
          result.recurrent[i * width + v - p - width] = after[i].slope[k];
      }
    if (first == 0)
      for (const Dual& v : after) result.after.push_back(v.value);
  }
  return result;
}

Reading read_out(const OracleProblem& problem, const Layout& layout, const Vector& theta, int b, int t,
                 const Vector& state) {
  const int d = layout.d, m = layout.m;
  const double weight = loss_weight(problem, b, t);
  const double* target = problem.y.data() + (b * problem.T + t) * m;
  const Vector a = pre_output(layout, theta.data(), state.data());
  Reading reading;
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
      reading.credit[i] += way * reading.error[k];
    }
  return reading;
}

void add_readout_gradient(const Layout& layout, const Reading& reading, const Vector& state, Vector& gradient) {
  for (int k = 0; k < layout.m; ++k) {
    for (int i = 0; i < layout.d; ++i) gradient[layout.W_out + k * layout.d + i] += reading.error[k] * state[i];
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
