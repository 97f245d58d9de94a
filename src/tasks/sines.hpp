// SPDX-License-Identifier: Apache-2.0
// The target of pattern generation: a sum of four sines with whole numbers of cycles, from 0 and within +-1.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace chronograd {

constexpr std::array<double, 4> sine_periods = {1000, 500, 333, 200};  ///< steps; of a row of T steps T / period, whole

/// [T] sum_i amplitude_i sin(phase_i + ...) over so many whole cycles, the row's both ends included, minus its first
/// number, over the largest absolute value.
inline std::vector<double> sum_of_sines(std::size_t steps, const std::array<double, 4>& amplitudes,
                                        const std::array<double, 4>& phases) {
  std::vector<double> y(steps, 0.0);
  for (std::size_t i = 0; i < sine_periods.size(); ++i) {
    const double cycles = std::floor(static_cast<double>(steps) / sine_periods[i]);
    const double last = phases[i] + 2 * std::numbers::pi * cycles;
    const double step = steps > 1 ? (last - phases[i]) / static_cast<double>(steps - 1) : 0;
    for (std::size_t t = 0; t < steps; ++t) {
      const double angle = steps > 1 && t + 1 == steps ? last : phases[i] + step * static_cast<double>(t);
      y[t] += amplitudes[i] * std::sin(angle);
    }
  }
  const double first = y[0];
  double most = 0;
  for (double& value : y) {
    value -= first;
    most = std::max(most, std::abs(value));
  }
  for (double& value : y) value = most > 0 ? value / most : 0;
  return y;
}

/// The loss of the best constant output under half the squared error: half the variance.
inline double loss_of_constant(const std::vector<double>& y) {
  double sum = 0, squares = 0;
  for (const double value : y) {
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(y.size());
  return 0.5 * (squares / count - sum / count * (sum / count));
}

}  // namespace chronograd
