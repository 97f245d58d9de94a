// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "chronograd/program.hpp"

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away must not kill a run that also writes files
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is an error of a file, with a message
  return chronograd::run_program(count, words);
}
