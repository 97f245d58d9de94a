// SPDX-License-Identifier: Apache-2.0
// The forms of the library's cells whose readout reads further states. Cells are compiled once for each set of
// instructions, these forms in the baseline set alone: they are five times as much code as the cells, and what they add
// to a step is small beside its products, which every set has of its own.
#pragma once

#include "chronograd/readout_units.hpp"

#ifdef CHRONOGRAD_BASELINE
#define CHRONOGRAD_DEFINE_READOUTS(name, Cell)                     \
  const CellRecord name##_filtered = ReadoutTwins<Cell>::filtered; \
  const CellRecord name##_averaged = ReadoutTwins<Cell>::averaged;
#else
#define CHRONOGRAD_DEFINE_READOUTS(name, Cell)
#endif

/// Declares, and in the baseline set defines, the two forms of a cell, for `with_readouts`.
#define CHRONOGRAD_READOUTS(name, Cell)                     \
  namespace baseline {                                      \
  extern const CellRecord name##_filtered, name##_averaged; \
  CHRONOGRAD_DEFINE_READOUTS(name, Cell)                    \
  }
