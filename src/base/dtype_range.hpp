// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>

#include "base/text.hpp"

namespace chronograd {

/// The largest magnitude of a number in "float32" or "float64".
inline double largest_number(const std::string& dtype) {
  return dtype == "float32" ? static_cast<double>(std::numeric_limits<float>::max())
                            : std::numeric_limits<double>::max();
}

/// The end of a message about a number that is larger: what is allowed, and the way out. Only float32 has such numbers.
inline std::string beyond_dtype(double largest) {
  return ", allowed in dtype = \"float32\" are numbers of magnitude up to " + number_text(largest) +
         R"(. Scale them, or give dtype = "float64".)";
}

}  // namespace chronograd
