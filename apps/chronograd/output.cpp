// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

int failure = 0;  // errno of the first write that failed

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

void print(const std::string& text) {
  if (failure != 0) return;
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) failure = errno != 0 ? errno : EIO;
}

void flush_output() {
  if (failure != 0) return;
  errno = 0;
  if (std::fflush(stdout) != 0) failure = errno != 0 ? errno : EIO;
}

void print_error(const std::string& line) {
  std::string text = line;
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), stderr);
}

int finish_output(int code) {
  flush_output();
  if (failure == 0 || failure == EPIPE) return code;
  print_error(std::string("[standard output] cannot be written: ") + std::strerror(failure) + ".");
  return static_cast<int>(Exit::data);
}

bool use_color() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && !is_set("NO_COLOR") && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

std::string bold(const std::string& text) {
  return use_color() ? "\x1b[1m" + text + "\x1b[0m" : text;
}

}  // namespace chronograd
