// SPDX-License-Identifier: Apache-2.0
#include "base/set_up.hpp"

#include <atomic>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

std::atomic<SetUpWatch*> watching{nullptr};

}  // namespace

SetUpWatch* watch_set_up(SetUpWatch* watch) {
  return watching.exchange(watch);
}

void set_up_progress(const char* doing, const std::string& what, double share) {
  SetUpWatch* const watch = watching.load(std::memory_order_relaxed);
  if (watch == nullptr) return;
  const std::string text = std::string(doing) + " " + what;
  if (!watch->progress(text, share)) throw Error(Exit::interrupted, "chronograd", "interrupted while " + text + ".");
}

}  // namespace chronograd
