// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "chronograd/estimate.hpp"

namespace chronograd {

/// Of the finite values; the others are left out.
Estimate estimate_of(const std::vector<double>& values);

/// Of the values, infinite ones included; NaN if there are none or one of them is NaN.
double median(std::vector<double> values);

/// Singular values of a matrix [rows][columns] in C order, falling; one for each row.
std::vector<double> singular_values(std::vector<double> matrix, std::size_t rows);

}  // namespace chronograd
