// SPDX-License-Identifier: Apache-2.0
#include "math/small_products.hpp"

#include <libxsmm.h>

#include "chronograd/isa.hpp"

namespace chronograd {

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

/// What libxsmm generates code for.
struct Shape {
  int rows, cols, inner, lda, ldb, ldc, flags;
  float beta;
  bool operator==(const Shape&) const = default;
};

libxsmm_smmfunction code_of(const Shape& s) {
  // Faster than libxsmm's own table, which shows where products are small: few shapes come, in turns.
  struct Known {
    Shape shape;
    libxsmm_smmfunction code;
  };
  constexpr unsigned places = 16;
  thread_local Known known[places] = {};
  const int mix = s.rows * 5 + s.cols * 3 + s.inner + s.flags * 7 + (s.beta == 0 ? 0 : 9);
  Known& here = known[static_cast<unsigned>(mix) % places];
  if (!here.code || !(here.shape == s)) {
    const float one = 1;
    const int prefetch = LIBXSMM_PREFETCH_NONE;
    here = {s,
            libxsmm_smmdispatch(s.cols, s.rows, s.inner, &s.ldb, &s.lda, &s.ldc, &one, &s.beta, &s.flags, &prefetch)};
  }
  return here.code;
}

}  // namespace

bool small_product(Op op_a, int rows, int cols, int inner, const float* a, int lda, const float* b, int ldb, float beta,
                   float* c, int ldc) {
  if (!ready()) return false;
  // libxsmm is column-major: there C^T = op(B)^T op(A)^T, and only its second operand may be transposed.
  const int flags = op_a == Op::transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  const libxsmm_smmfunction code = code_of({rows, cols, inner, lda, ldb, ldc, flags, beta});
  if (!code) return false;
  code(b, a, c);
  return true;
}

const char* small_products_library() {
  return "libxsmm " LIBXSMM_VERSION;
}

}  // namespace chronograd
