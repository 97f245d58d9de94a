// SPDX-License-Identifier: Apache-2.0
// The course of a trial of evidence accumulation: cues on two groups of inputs, a delay, a recall signal, and noise.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "chronograd/task.hpp"

namespace chronograd {

/// Four groups of inputs: cues of two sides, recall, noise.
struct CueTrial {
  static constexpr int groups = 4, recall_group = 2, noise_group = 3;

  int group = 10;                                  ///< inputs of a group
  int cues = 7, cue_steps = 100, cue_every = 150;  ///< each cue ends its part of so many steps
  int delay = 1050, recall = 150;                  ///< steps

  int inputs() const { return groups * group; }
  int length() const { return cues * cue_every + delay + recall; }

  /// Chance of a spike of input `i` at step t; `sides` [cues] are 0 or 1.
  double chance(const std::vector<int>& sides, int t, int i, double cue, double noise) const {
    const int g = i / group;
    if (g == noise_group) return noise;
    if (g == recall_group) return t >= length() - recall ? cue : 0;
    const int part = t / cue_every;
    const bool on = part < cues && t % cue_every >= cue_every - cue_steps;
    return on && sides[static_cast<std::size_t>(part)] == g ? cue : 0;
  }

  /// Most of the cues were of side 1.
  static int answer(const std::vector<int>& sides) {
    const auto ones = static_cast<std::size_t>(std::count(sides.begin(), sides.end(), 1));
    return 2 * ones > sides.size() ? 1 : 0;
  }

  /// What is asked for in steps [t, t + K).
  void ask(int answer, std::int64_t t, int steps, const Steps& out) const {
    for (int k = 0; k < steps; ++k) {
      for (int side = 0; side < 2; ++side) out.y[2 * k + side] = side == answer ? 1 : 0;
      out.mask[k] = t + k >= length() - recall ? 1 : 0;
      out.reset[k] = 0;
    }
  }
};

}  // namespace chronograd
