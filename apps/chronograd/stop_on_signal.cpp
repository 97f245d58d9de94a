// SPDX-License-Identifier: Apache-2.0
#include "stop_on_signal.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

// Written by a signal's handler and read by every thread.
std::atomic<bool> stop_asked = false, begun = false, hushed = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void ask_to_stop(int) {
  if (!begun) {
    constexpr char text[] = "\n[chronograd] interrupted before anything had begun.\n";
    if (!hushed) static_cast<void>(!::write(STDERR_FILENO, text, sizeof text - 1));
    ::_exit(static_cast<int>(Exit::interrupted));
  }
  stop_asked = true;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

StopOnSignal::StopOnSignal() {
  stop_asked = begun = false;
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
}

StopOnSignal::~StopOnSignal() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  stop_asked = begun = false;  // what comes later was not asked to stop
}

void StopOnSignal::begin() {
  begun = true;
}

void StopOnSignal::hush() {
  hushed = true;
}

bool StopOnSignal::asked() {
  return stop_asked;
}

}  // namespace chronograd
