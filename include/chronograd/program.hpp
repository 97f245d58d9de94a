// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/export.hpp"

namespace chronograd {

/// The program `chronograd`, as main would call it: words[0] is skipped, words[1] is the verb. Results go to standard
/// output, remarks and errors to standard error. It sees the same catalogues as its caller. Returns the exit code
/// (chronograd::Exit); never throws. While a verb trains, SIGINT and SIGTERM are its own; one call at a time.
CHRONOGRAD_API int run_program(int count, const char* const* words);

}  // namespace chronograd
