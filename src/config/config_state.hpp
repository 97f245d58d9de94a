// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "chronograd/config.hpp"
#include "config/checker.hpp"

namespace chronograd {

struct Config::State {
  std::string text, name;
  Settings settings;
  Checked checked;
};

}  // namespace chronograd
