// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace chronograd {

/// Mean and half the width of its 95 % confidence interval (Student's t).
struct Estimate {
  double mean = 0;
  double half_width = 0;  ///< NaN for fewer than two values
  int count = 0;
};

}  // namespace chronograd
