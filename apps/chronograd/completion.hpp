// SPDX-License-Identifier: Apache-2.0
// What may come next on a command line, out of the verbs, the catalogues and the tables of the configuration.
#pragma once

#include <string>
#include <vector>

namespace chronograd {

/// The words that the last one of a command line may become, sorted; `line` begins with the program's name and ends
/// where the cursor is. A word that is not whole ends in `=`, `.` or `,`. Empty where files are asked for, or nothing
/// is known.
std::vector<std::string> completions(const std::string& line);

}  // namespace chronograd
