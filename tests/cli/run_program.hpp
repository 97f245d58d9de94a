// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cstdlib>
#include <ostream>
#include <string>

#include "folder.hpp"

namespace chronograd {

/// The program that is tested, as a word for the shell.
inline const std::string program = "'" CHRONOGRAD_PROGRAM "'";

struct Outcome {
  int code;  ///< exit code; 128 + signal where one ended it
  std::string out, err;
};

/// A failed test shows what the command said.
inline void PrintTo(const Outcome& outcome, std::ostream* to) {
  *to << "exit code " << outcome.code << "\nstandard output: " << outcome.out << "\nstandard error: " << outcome.err;
}

MATCHER_P(ExitsWith, code, "ends with exit code " + std::to_string(code)) {
  return arg.code == code;
}

/// Runs a command of the shell.
inline Outcome shell(const std::string& command) {
  const Folder folder;
  const std::string out = (folder / "out").string(), err = (folder / "err").string();
  const int status = std::system(("( " + command + " ) >'" + out + "' 2>'" + err + "'").c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, read_text(out), read_text(err)};
}

/// Runs the program with arguments as the shell reads them.
inline Outcome chronograd_run(const std::string& arguments) {
  return shell(program + " " + arguments);
}

/// The same in a folder.
inline Outcome run_in(const Folder& folder, const std::string& arguments) {
  return shell("cd '" + (folder / "").string() + "' && " + program + " " + arguments);
}

}  // namespace chronograd
