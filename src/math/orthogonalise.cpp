// SPDX-License-Identifier: Apache-2.0
// Modified Gram-Schmidt, twice against rounding.
#include "math/orthogonalise.hpp"

#include <cmath>
#include <numeric>

namespace chronograd {

void orthogonalise(std::vector<double>& a, std::size_t size, const std::function<void(double)>& at) {
  for (int round = 0; round < 2; ++round)
    for (std::size_t j = 0; j < size; ++j) {
      const double part = static_cast<double>(j) / static_cast<double>(size);  // row j costs j products
      if (at) at(0.5 * (round + part * part));
      double* row = a.data() + j * size;
      for (std::size_t k = 0; k < j; ++k) {
        const double* other = a.data() + k * size;
        const double product = std::inner_product(row, row + size, other, 0.0);
        for (std::size_t i = 0; i < size; ++i) row[i] -= product * other[i];
      }
      const double norm = std::sqrt(std::inner_product(row, row + size, row, 0.0));
      for (std::size_t i = 0; i < size; ++i) row[i] /= norm;
    }
}

}  // namespace chronograd
