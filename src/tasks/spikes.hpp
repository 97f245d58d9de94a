// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "chronograd/random.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// The number of a row among the draws of a task: test rows are others than training rows.
inline std::uint64_t row_stream(Split split, std::int64_t row) {
  return static_cast<std::uint64_t>(row) * 2 + (split == Split::test ? 1 : 0);
}

/// What a row draws before its first step.
inline Random row_draws(std::uint64_t seed, std::uint64_t stream) {
  return {seed, Draw::data, stream, 0};
}

/// x [n] = spikes of step t, each with the chance that `chance(i)` says.
template <class Chance>
void draw_spikes(std::uint64_t seed, std::uint64_t stream, std::int64_t t, int n, const Chance& chance, double* x) {
  Random random(seed, Draw::data, stream, static_cast<std::uint64_t>(t) + 1);
  for (int i = 0; i < n; ++i) {
    const double p = chance(i);
    x[i] = p > 0 && random.uniform() < p ? 1 : 0;
  }
}

}  // namespace chronograd
