// SPDX-License-Identifier: Apache-2.0
#include "math/gemm.hpp"

#include <cstddef>
#include <memory>
#include <new>
#include <string>

#include "math/gemm_parts.hpp"
#include "math/kernels.hpp"
#include "math/large_products.hpp"
#include "math/small_products.hpp"

namespace chronograd {
namespace {

/// Multiply-adds from which oneDNN's packing pays. Measured: with AVX-512 libxsmm is ahead at 256^3 and behind at
/// 512^3; with AVX2 it is behind from 32 x 64 x 97 on, and far behind where the rows of a transposed B are fewer than
/// two vectors (readouts).
double large(Op op_b, int cols) {
  if (active_isa() == Isa::avx512) return 2.5e7;
  return op_b == Op::transposed && cols < 16 ? 3e4 : 1.5e5;
}

/// Rows up to which dot products beat a transposed copy of B.
constexpr int few_rows = 4;

template <class T>
const GemmParts<T>& parts() {
  static const GemmParts<T>& active = *gemm_parts_of<T>(active_isa());
  return active;
}

/// Numbers kept from call to call, one lot a thread, on cache-line boundaries.
template <class T>
T* scratch(std::size_t count) {
  struct Freer {
    void operator()(T* p) const { ::operator delete[](p, std::align_val_t{64}); }
  };
  thread_local std::unique_ptr<T[], Freer> memory;
  thread_local std::size_t size = 0;
  if (count > size) {
    size = 0;
    memory.reset();
    memory.reset(static_cast<T*>(::operator new[](count * sizeof(T), std::align_val_t{64})));
    size = count;
  }
  return memory.get();
}

/// Distance between rows of a copy with `cols` columns: whole cache lines, and not a multiple of 1 KiB, where rows
/// would compete for the same places in the cache.
template <class T>
int roomy(int cols) {
  constexpr int line = 64 / static_cast<int>(sizeof(T));
  const int ld = (cols + line - 1) / line * line;
  return ld % (16 * line) == 0 ? ld + line : ld;
}

template <class T>
void clear(int rows, int cols, T* c, int ldc) {
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < cols; ++j) c[static_cast<std::ptrdiff_t>(i) * ldc + j] = T(0);
}

/// Products that are one row, one column or one rank, or a few rows of dot products. False if it is none of these.
template <class T>
bool thin_product(Op op_a, Op op_b, int rows, int cols, int inner, const T* a, int lda, const T* b, int ldb, T beta,
                  T* c, int ldc) {
  const Kernels<T>& k = kernels<T>();
  const bool turn_a = op_a == Op::transposed, turn_b = op_b == Op::transposed;
  if (inner == 1 && (turn_a || lda == 1 || rows == 1) && (!turn_b || ldb == 1 || cols == 1)) {
    if (beta == T(0)) clear(rows, cols, c, ldc);
    k.outer_add(rows, cols, a, b, c, ldc);
    return true;
  }
  const bool column_c = cols == 1 && (ldc == 1 || rows == 1), column_b = turn_b || ldb == 1 || inner == 1;
  if (column_c && column_b) {
    if (turn_a) {
      k.row_times(inner, rows, b, a, lda, beta, c);
    } else {
      k.times_column(rows, inner, a, lda, b, beta, c);
    }
    return true;
  }
  if (turn_a && !(rows == 1 && lda == 1)) return false;
  if (turn_b && rows <= few_rows) {
    for (int i = 0; i < rows; ++i)
      k.times_column(cols, inner, b, ldb, a + static_cast<std::ptrdiff_t>(i) * lda, beta,
                     c + static_cast<std::ptrdiff_t>(i) * ldc);
    return true;
  }
  if (!turn_b && rows == 1) {
    k.row_times(inner, cols, a, b, ldb, beta, c);
    return true;
  }
  return false;
}

bool library_product(Op op_a, Op op_b, int rows, int cols, int inner, const float* a, int lda, const float* b, int ldb,
                     float beta, float* c, int ldc) {
  if (static_cast<double>(rows) * cols * inner >= large(op_b, cols) &&
      large_product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc))
    return true;
  if (active_isa() == Isa::baseline) return false;
  if (op_b == Op::transposed) {
    const int ld = roomy<float>(cols);
    float* copy = scratch<float>(static_cast<std::size_t>(inner) * ld);
    parts<float>().transpose(cols, inner, b, ldb, copy, ld);
    return small_product(op_a, rows, cols, inner, a, lda, copy, ld, beta, c, ldc);
  }
  return small_product(op_a, rows, cols, inner, a, lda, b, ldb, beta, c, ldc);
}

bool library_product(Op, Op, int, int, int, const double*, int, const double*, int, double, double*, int) {
  return false;
}

template <class T>
void any_product(Op op_a, Op op_b, int rows, int cols, int inner, const T* a, int lda, const T* b, int ldb, T beta,
                 T* c, int ldc) {
  if (rows <= 0 || cols <= 0) return;
  if (inner <= 0) {
    if (beta == T(0)) clear(rows, cols, c, ldc);
    return;
  }
  if (thin_product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc)) return;
  if (library_product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc)) return;
  parts<T>().product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc);
}

}  // namespace

template <>
void gemm<float>(Op op_a, Op op_b, int rows, int cols, int inner, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  any_product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc);
}

template <>
void gemm<double>(Op op_a, Op op_b, int rows, int cols, int inner, const double* a, int lda, const double* b, int ldb,
                  double beta, double* c, int ldc) {
  any_product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc);
}

const char* gemm_libraries() {
  static const std::string names = [] {
    std::string list = eigen_version();
    for (const char* name : {small_products_library(), large_products_library()})
      if (*name) list += std::string(", ") + name;
    return list;
  }();
  return names.c_str();
}

}  // namespace chronograd
