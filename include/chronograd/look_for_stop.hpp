// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/export.hpp"

namespace chronograd {

/// Thrown where work is to stop in its middle. No std::exception: it is nobody's error.
struct CHRONOGRAD_API Stopped {};

/// Throws Stopped if the work that the calling thread does is to stop; else returns at once. The products with a
/// cell's matrices look by themselves: for entries of one's own that work long without any.
CHRONOGRAD_API void look_for_stop();

}  // namespace chronograd
