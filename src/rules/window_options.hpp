// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/option.hpp"

namespace chronograd {

/// Windows that an update interval is cut into.
constexpr Option window_option = {.key = "L",
                                  .type = OptionType::integer,
                                  .low = 1,
                                  .high = 1e9,
                                  .unit = "steps",
                                  .help = "window; default: the update interval, which it may not exceed"};

/// A window that moves with every step, and is kept.
constexpr Option moving_window_option(const char* help) {
  return {
      .key = "L", .type = OptionType::integer, .fallback = "10", .low = 1, .high = 1e6, .unit = "steps", .help = help};
}

}  // namespace chronograd
