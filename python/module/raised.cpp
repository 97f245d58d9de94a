// SPDX-License-Identifier: Apache-2.0
#include "raised.hpp"

#include <atomic>
#include <exception>
#include <utility>

namespace chronograd::python {
namespace {

// Both are touched with the GIL alone, `there` apart.
std::exception_ptr& kept() {
  static auto* const pointer = new std::exception_ptr;  // outlives the interpreter, which what it holds belongs to
  return *pointer;
}
std::atomic<bool> there{false};

bool& at_once() {
  thread_local bool on = false;
  return on;
}

}  // namespace

Raised::AtOnce::AtOnce() : before_(std::exchange(at_once(), true)) {}
Raised::AtOnce::~AtOnce() {
  at_once() = before_;
}

void Raised::caught() {
  if (at_once()) throw;
  if (!kept()) kept() = std::current_exception();
  there = true;
}

bool Raised::any() {
  return there;
}

void Raised::pass_on() {
  if (!there) return;
  there = false;
  std::rethrow_exception(std::exchange(kept(), nullptr));
}

}  // namespace chronograd::python
