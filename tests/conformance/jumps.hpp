// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/cell.hpp"

namespace chronograd::conformance {

/// True where h jumps: credit sees a surrogate slope, which differences of a loss do not. Oracles and references hold
/// it.
inline bool jumps(const CellRecord& cell) {
  return has_option(cell.entry, "surrogate");
}

}  // namespace chronograd::conformance
