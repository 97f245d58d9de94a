// SPDX-License-Identifier: Apache-2.0
// Private: what `gemm` is made of besides libraries that choose their instructions themselves; one table per
// instruction set.
#pragma once

#include "chronograd/isa.hpp"
#include "math/gemm.hpp"

namespace chronograd {

template <class T>
struct GemmParts {
  /// The contract of `gemm`, for any sizes >= 1.
  void (*product)(Op op_a, Op op_b, int rows, int cols, int inner, const T* a, int lda, const T* b, int ldb, T beta,
                  T* c, int ldc);
  /// to (cols, rows) = from (rows, cols)^T; no overlap.
  void (*transpose)(int rows, int cols, const T* from, int ld_from, T* to, int ld_to);
};

/// The parts for one instruction set, or nullptr if !has_isa(isa).
template <class T>
const GemmParts<T>* gemm_parts_of(Isa isa);

/// "Eigen 3.4.0", the version that was compiled in.
const char* eigen_version();

}  // namespace chronograd
