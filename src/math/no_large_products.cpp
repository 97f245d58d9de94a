// SPDX-License-Identifier: Apache-2.0
// Where a build has no library for large products.
#include "math/large_products.hpp"

namespace chronograd {

bool large_product(Op, Op, int, int, int, const float*, int, const float*, int, float, float*, int) {
  return false;
}

const char* large_products_library() {
  return "";
}

}  // namespace chronograd
