// SPDX-License-Identifier: Apache-2.0
// Private: small float32 products by code that libxsmm generates for one shape when it is first asked for.
#pragma once

#include "math/gemm.hpp"

namespace chronograd {

/// The contract of `gemm` for op_b = none and sizes >= 1. False, with C untouched, if there is no code for this shape
/// (other processors, an instruction set below avx2, or a build without libxsmm).
bool small_product(Op op_a, int rows, int cols, int inner, const float* a, int lda, const float* b, int ldb, float beta,
                   float* c, int ldc);

/// "libxsmm 1.17", or "" without it.
const char* small_products_library();

}  // namespace chronograd
