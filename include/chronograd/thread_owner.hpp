// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/export.hpp"

namespace chronograd {

/// A pointer of the calling thread's own, null at first. Threads that the library starts take it over from the thread
/// that starts them: by it an entry from outside of the library knows whose work it is part of, whichever thread does
/// it. The library never looks at what it points to.
CHRONOGRAD_API void*& thread_owner();

}  // namespace chronograd
