// SPDX-License-Identifier: Apache-2.0
// Where a build has no library for small products.
#include "math/small_products.hpp"

namespace chronograd {

bool small_product(Op, int, int, int, const float*, int, const float*, int, float, float*, int) {
  return false;
}

const char* small_products_library() {
  return "";
}

}  // namespace chronograd
