// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chronograd/option.hpp"

namespace chronograd {

/// The setting `block` of a rule that takes what it keeps over so many steps at once; 0: chosen, 1: step by step.
constexpr Option block_option(const char* help) {
  return {.key = "block",
          .type = OptionType::integer,
          .fallback = "0",
          .low = 0,
          .high = 4096,
          .unit = "steps",
          .help = help};
}

}  // namespace chronograd
