// SPDX-License-Identifier: Apache-2.0
// Private: large float32 products by oneDNN, on the calling thread alone.
#pragma once

#include "math/gemm.hpp"

namespace chronograd {

/// The contract of `gemm` for sizes >= 1. False, with C untouched, if oneDNN is not to be used (an instruction set
/// below avx2, a oneDNN whose threads cannot be limited, or a build without it).
bool large_product(Op op_a, Op op_b, int rows, int cols, int inner, const float* a, int lda, const float* b, int ldb,
                   float beta, float* c, int ldc);

/// "oneDNN 2.6.3", or "" without it.
const char* large_products_library();

}  // namespace chronograd
