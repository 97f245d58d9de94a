// SPDX-License-Identifier: Apache-2.0
#include "math/gemm.hpp"

#include <cstddef>
#include <string>

#include "math/gemm_parts.hpp"
#include "math/kernels.hpp"
#include "math/large_products.hpp"
#include "math/panels.hpp"
#include "math/scratch.hpp"
#include "math/small_products.hpp"
#include "math/work.hpp"

namespace chronograd {
namespace {

/// Multiply-adds from which copies in panels pay, where a panel serves enough rows; and from which oneDNN's packing
/// pays where it does not: earlier in products of few rows, a readout's gradient (70 against 50 GF/s at 10 x 128 x
/// 3200).
constexpr double worth_panels = 4e6, large = 2.5e7, large_flat = 1e6;
constexpr int rows_worth_panels = 64, inner_worth_panels = 32;

/// Rows below which oneDNN is the earlier choice.
constexpr int flat_rows = 16;

/// Rows, or columns, up to which dot products beat a transposed copy of B.
constexpr int few_rows = 4, few_cols = 16;

struct Turned;  // a transposed copy of B

template <class T>
const GemmParts<T>& parts() {
  static const GemmParts<T>& active = *gemm_parts_of<T>(active_isa());
  return active;
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
  if (turn_b && (rows <= few_rows || cols <= few_cols)) {
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
  const double multiply_adds = static_cast<double>(rows) * cols * inner;
  // A matrix much wider than high is read once and is better not copied; nor is one of few rows.
  if (multiply_adds >= worth_panels && rows >= rows_worth_panels && inner >= inner_worth_panels && cols <= 16 * rows &&
      panel_product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc))
    return true;
  if (multiply_adds >= (rows < flat_rows ? large_flat : large) &&
      large_product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc))
    return true;
  if (active_isa() == Isa::baseline) return false;
  if (op_b == Op::transposed) {
    const int ld = roomy<float>(cols);
    float* copy = scratch<Turned, float>(static_cast<std::size_t>(inner) * ld);
    parts<float>().transpose(cols, inner, b, ldb, copy, ld);
    return small_product(op_a, rows, cols, inner, a, lda, copy, ld, beta, c, ldc);
  }
  return small_product(op_a, rows, cols, inner, a, lda, b, ldb, beta, c, ldc);
}

bool library_product(Op, Op, int, int, int, const double*, int, const double*, int, double, double*, int) {
  return false;
}

}  // namespace

template <class T>
void gemm(Op op_a, Op op_b, int rows, int cols, int inner, const T* a, int lda, const T* b, int ldb, T beta, T* c,
          int ldc) {
  if (rows <= 0 || cols <= 0) return;
  if (inner <= 0) {
    if (beta == T(0)) clear(rows, cols, c, ldc);
    return;
  }
  if (thin_product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc)) return;
  if (work::counting) work::add(static_cast<double>(rows) * cols * inner);
  if (library_product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc)) return;
  parts<T>().product(op_a, op_b, rows, cols, inner, a, lda, b, ldb, beta, c, ldc);
}

template void gemm(Op, Op, int, int, int, const float*, int, const float*, int, float, float*, int);
template void gemm(Op, Op, int, int, int, const double*, int, const double*, int, double, double*, int);

int terms_at_once(int rows, int cols) {
  // Measured with AVX2: 161 x 128 x 128 runs at 97 GF/s as it lies, 161 x 128 x 256 through panels at 91.
  constexpr int few = 128, many = 256;
  return static_cast<double>(rows) * cols * few < worth_panels ? few : many;
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
