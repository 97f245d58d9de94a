// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace chronograd {

/// A readout of m outputs from H d shown numbers, and where its parameters lie, counted from its first one: W_out (m, H
/// d), then b_y (m).
struct ReadoutLayout {
  int shown, outputs;  ///< H d, m
  std::size_t bias_at() const { return static_cast<std::size_t>(outputs) * static_cast<std::size_t>(shown); }
  std::size_t size() const { return bias_at() + static_cast<std::size_t>(outputs); }
};

}  // namespace chronograd
