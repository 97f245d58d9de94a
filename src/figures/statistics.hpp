// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace chronograd {

/// Mean and half the width of its 95 % confidence interval (Student's t).
struct Estimate {
  double mean;
  double half_width;  ///< NaN for fewer than two values
  int count;
};

/// Of the finite values; the others are left out.
Estimate estimate_of(const std::vector<double>& values);

/// Of the values, infinite ones included; NaN if there are none or one of them is NaN.
double median(std::vector<double> values);

}  // namespace chronograd
