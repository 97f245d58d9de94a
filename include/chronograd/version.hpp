// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/export.hpp"

namespace chronograd {

/// The library's version, `major.minor.patch`.
CHRONOGRAD_API const char* version();

}  // namespace chronograd
