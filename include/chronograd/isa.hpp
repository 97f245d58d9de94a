// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/export.hpp"

namespace chronograd {

/// The instruction sets that the hot loops are compiled for: x86-64 (SSE2), x86-64-v3 and x86-64-v4.
enum class Isa { baseline, avx2, avx512 };

/// The set in use: the best one that this processor and this build have, or the one that the environment variable
/// CHRONOGRAD_ISA names (`baseline`, `avx2`, `avx512`). It is chosen once. Throws Error (usage) for a name that is
/// unknown or of a set that is not there. The choice changes the last bits of results; it is part of a run's
/// environment.
CHRONOGRAD_API Isa active_isa();

/// `baseline`, `avx2` or `avx512`.
CHRONOGRAD_API const char* name_of(Isa isa);

}  // namespace chronograd
