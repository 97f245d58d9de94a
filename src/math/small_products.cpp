// SPDX-License-Identifier: Apache-2.0
#include "math/small_products.hpp"

#include "chronograd/isa.hpp"

#ifdef CHRONOGRAD_WITH_LIBXSMM
#include <libxsmm.h>
#endif

namespace chronograd {

#ifdef CHRONOGRAD_WITH_LIBXSMM

namespace {

/// Whether libxsmm may be used; tells it on the first call not to go beyond the active instruction set.
bool ready() {
  static const bool usable = [] {
    if (active_isa() == Isa::baseline) return false;
    libxsmm_init();
    if (active_isa() == Isa::avx2) libxsmm_set_target_archid(LIBXSMM_X86_AVX2);
    return true;
  }();
  return usable;
}

}  // namespace

bool small_product(Op op_a, int rows, int cols, int inner, const float* a, int lda, const float* b, int ldb, float beta,
                   float* c, int ldc) {
  if (!ready()) return false;
  // libxsmm is column-major: there C^T = op(B)^T op(A)^T, and only its second operand may be transposed.
  const float one = 1;
  const int flags = op_a == Op::transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  const int prefetch = LIBXSMM_PREFETCH_NONE;
  const libxsmm_smmfunction code =
      libxsmm_smmdispatch(cols, rows, inner, &ldb, &lda, &ldc, &one, &beta, &flags, &prefetch);
  if (!code) return false;
  code(b, a, c);
  return true;
}

const char* small_products_library() {
  return "libxsmm " LIBXSMM_VERSION;
}

#else

bool small_product(Op, int, int, int, const float*, int, const float*, int, float, float*, int) {
  return false;
}

const char* small_products_library() {
  return "";
}

#endif

}  // namespace chronograd
