// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/json_value.hpp"
#include "chronograd/error.hpp"
#include "stop_on_signal.hpp"

namespace chronograd {
namespace {

int failure = 0;  // errno of the first write that failed

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool draws_on(int file) {
  const char* terminal = std::getenv("TERM");
  return isatty(file) == 1 && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

/// What the locale's first variable that is set says.
bool is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return std::strstr(value, "UTF-8") != nullptr || std::strstr(value, "utf8") != nullptr;
  }
  return false;
}

ProgressOptions::Screen screen() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {80, 24};
  return {size.ws_col, size.ws_row};
}

}  // namespace

void print(const std::string& text) {
  if (failure != 0) return;
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) failure = errno != 0 ? errno : EIO;
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

bool flush_output() {
  errno = 0;
  if (failure == 0 && std::fflush(stdout) != 0) failure = errno != 0 ? errno : EIO;
  return failure == 0;
}

int finish_output(int code) {
  flush_output();
  if (failure == 0 || failure == EPIPE) return code;
  print_error(std::string("[standard output] cannot be written: ") + std::strerror(failure) + ".");
  return static_cast<int>(Exit::data);
}

bool use_color() {
  return draws_on(STDOUT_FILENO) && !is_set("NO_COLOR");
}

ProgressOptions progress_options(const Common& common) {
  ProgressOptions options;
  const bool draws = draws_on(STDERR_FILENO);
  options.style = common.quiet  ? ProgressStyle::silent
                  : common.json ? ProgressStyle::json
                  : draws       ? ProgressStyle::terminal
                                : ProgressStyle::plain;
  options.color = draws && !is_set("NO_COLOR");
  options.unicode = is_utf8();
  options.screen = screen;
  options.seconds = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  options.write = [](const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); };
  options.going = [] {
    StopOnSignal::begin();  // a run begins
    return !StopOnSignal::asked();
  };
  return options;
}

std::string json_number(double value) {
  return std::isfinite(value) ? Json(value).dump() : "null";
}

std::string json_text(const std::string& text) {
  return Json(text).dump();
}

std::string bold(const std::string& text) {
  return use_color() ? "\x1b[1m" + text + "\x1b[0m" : text;
}

}  // namespace chronograd
