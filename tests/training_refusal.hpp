// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "chronograd/error.hpp"
#include "chronograd/train.hpp"

namespace chronograd {

/// What training refuses this configuration with.
inline std::string refusal(const Config& config) {
  try {
    check_training(config, *make_task(config));
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

}  // namespace chronograd
