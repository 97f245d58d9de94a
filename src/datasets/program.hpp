// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace chronograd {

/// How another program ended.
struct ProgramResult {
  int code;            ///< its exit status; 127 if there is no such program, 128 + the signal that ended it
  std::string output;  ///< the end of what it wrote to standard output and standard error
};

/// Runs a program, found as a shell would find it, with `folder` as its working folder, no standard input and no shell,
/// and waits for its end. Its output goes to the file `folder`/log. Throws Error (data) where the system refuses to
/// start a process.
ProgramResult run_program(const std::vector<std::string>& words, const std::string& folder);

}  // namespace chronograd
