// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace chronograd {

struct ProgramPart {
  const char* name;
  std::string value;
};

/// What results depend on beside configuration and data: version, compiler, instruction set, libraries that multiply
/// matrices.
std::vector<ProgramPart> program_parts();

}  // namespace chronograd
