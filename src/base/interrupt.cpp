// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.hpp"

#include <utility>

namespace chronograd {
namespace {

thread_local Interrupt* working_for = nullptr;

constexpr std::chrono::milliseconds between_questions{100};
// Looks are as far apart as the steps of the work. Where these are short the clock is read once in so many of them.
constexpr int looks_a_reading = 16;
constexpr std::chrono::milliseconds short_while{1};

}  // namespace

std::atomic<int> Interrupt::alive_ = 0;

Interrupt::Here::Here(Interrupt* interrupt) : before_(std::exchange(working_for, interrupt)) {}
Interrupt::Here::~Here() {
  working_for = before_;
}

Interrupt* Interrupt::here() {
  return working_for;
}

Interrupt::Interrupt(std::function<bool()> goes_on)
    : goes_on_(std::move(goes_on)),
      asks_(std::this_thread::get_id()),
      looked_(Clock::now()),
      asked_(looked_),
      here_(this) {
  alive_.fetch_add(1, std::memory_order_relaxed);
}

Interrupt::~Interrupt() {
  alive_.fetch_sub(1, std::memory_order_relaxed);
}

void Interrupt::look() {
  if (stopped_.load(std::memory_order_acquire)) std::rethrow_exception(why_);
  if (std::this_thread::get_id() != asks_ || --left_ > 0) return;
  const Clock::time_point now = Clock::now();
  left_ = now - looked_ < short_while ? looks_a_reading : 1;
  looked_ = now;
  if (now - asked_ < between_questions) return;
  asked_ = now;
  try {
    if (goes_on_()) return;
    throw Stopped();
  } catch (...) {
    why_ = std::current_exception();
    stopped_.store(true, std::memory_order_release);
    throw;
  }
}

void look_for_stop() {
  if (Interrupt* const interrupt = Interrupt::here()) interrupt->look();
}

}  // namespace chronograd
