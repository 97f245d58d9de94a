// SPDX-License-Identifier: Apache-2.0
// A configuration as Python has it.
#pragma once

#include <string>
#include <vector>

#include "chronograd/config.hpp"

namespace chronograd::python {

/// A configuration and what it came from, so that it can be pickled, changed, and recorded by a sweep.
struct Configuration {
  Configuration(std::string given_name, const std::string& text, std::vector<std::string> words);

  Configuration with(const std::vector<std::string>& words) const;

  std::string name;                  ///< stands for the file in messages
  std::vector<std::string> changes;  ///< `key.sub=value` words that were applied to the text
  Config config;
};

}  // namespace chronograd::python
