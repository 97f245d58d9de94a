// SPDX-License-Identifier: Apache-2.0
#include "ranks/deadline.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "chronograd/error.hpp"

namespace chronograd {

Deadline::Deadline(double seconds, std::string message)
    : watch_([this, seconds, text = std::move(message)] {
        constexpr double longest = 1e8;  // s: a clock counts no further than some hundred years
        std::unique_lock lock(mutex_);
        const std::chrono::duration<double> time(std::min(seconds, longest));
        if (changed_.wait_for(lock, time, [this] { return met_; })) return;
        std::fputs((text + "\n").c_str(), stderr);
        std::_Exit(static_cast<int>(Exit::failed));
      }) {}

Deadline::~Deadline() {
  {
    const std::scoped_lock lock(mutex_);
    met_ = true;
  }
  changed_.notify_all();
  watch_.join();
}

}  // namespace chronograd
