// SPDX-License-Identifier: Apache-2.0
#include "math/panels.hpp"

#include <algorithm>
#include <cstring>

#include "base/sizes.hpp"
#include "math/gemm_parts.hpp"
#include "math/scratch.hpp"
#include "math/small_products.hpp"

namespace chronograd {
namespace {

/// Columns of a panel: four vectors. Measured with AVX2: 16 lose a third, 64 a tenth. 0: panels are of no use.
template <class T>
int panel_width() {
  if (sizeof(T) != sizeof(float) || *small_products_library() == '\0') return 0;
  return active_isa() == Isa::avx512 ? 64 : active_isa() == Isa::avx2 ? 32 : 0;
}

template <class T>
const GemmParts<T>& parts() {
  static const GemmParts<T>& active = *gemm_parts_of<T>(active_isa());
  return active;
}

/// op(B) (inner, cols) into panels one after the other, each [inner][width].
template <class T>
void cut(Op op_b, int inner, int cols, int width, const T* b, int ldb, T* out) {
  for (int col = 0; col < cols; col += width) {
    const int w = std::min(width, cols - col);
    if (op_b == Op::transposed)
      parts<T>().transpose(w, inner, b + area(col, ldb), ldb, out, w);
    else
      for (int j = 0; j < inner; ++j) std::memcpy(out + area(j, w), b + area(j, ldb) + col, sizeof(T) * area(w, 1));
    out += area(inner, w);
  }
}

// Blocks of A and of B that lie in the second cache together.
constexpr int block_inner = 256, block_rows = 96, block_cols = 128;

struct OfA;
struct OfB;

}  // namespace

template <class T>
void to_panels(Op op_b, int inner, int cols, const T* b, int ldb, T* panels) {
  const int width = panel_width<T>();
  cut(op_b, inner, cols, width ? width : cols, b, ldb, panels);
}

template <class T>
void times_panels(int rows, int cols, int inner, const T* a, int lda, const T* panels, T beta, T* c, int ldc) {
  const int width = panel_width<T>() ? panel_width<T>() : cols;
  for (int row = 0; row < rows; row += block_rows) {
    const int height = std::min(block_rows, rows - row);
    const T* panel = panels;
    for (int col = 0; col < cols; col += width) {
      const int w = std::min(width, cols - col);
      gemm(Op::none, Op::none, height, w, inner, a + area(row, lda), lda, panel, w, beta, c + area(row, ldc) + col,
           ldc);
      panel += area(inner, w);
    }
  }
}

template void to_panels(Op, int, int, const float*, int, float*);
template void to_panels(Op, int, int, const double*, int, double*);
template void times_panels(int, int, int, const float*, int, const float*, float, float*, int);
template void times_panels(int, int, int, const double*, int, const double*, double, double*, int);

bool panel_product(Op op_a, Op op_b, int rows, int cols, int inner, const float* a, int lda, const float* b, int ldb,
                   float beta, float* c, int ldc) {
  const int width = panel_width<float>();
  if (width == 0) return false;
  const bool turn_a = op_a == Op::transposed, turn_b = op_b == Op::transposed;
  const int ld_turned = roomy<float>(std::min(inner, block_inner));
  float* turned = turn_a ? scratch<OfA, float>(area(rows, ld_turned)) : nullptr;
  float* packed = scratch<OfB, float>(area(block_inner, block_cols));
  for (int k = 0; k < inner; k += block_inner) {
    const int depth = std::min(block_inner, inner - k), ld = turn_a ? ld_turned : lda;
    if (turn_a) parts<float>().transpose(depth, rows, a + area(k, lda), lda, turned, ld_turned);
    const float* left = turn_a ? turned : a + k;
    for (int col = 0; col < cols; col += block_cols) {
      const int breadth = std::min(block_cols, cols - col);
      cut(op_b, depth, breadth, width, turn_b ? b + area(col, ldb) + k : b + area(k, ldb) + col, ldb, packed);
      for (int row = 0; row < rows; row += block_rows) {
        const int height = std::min(block_rows, rows - row);
        const float* panel = packed;
        for (int p = 0; p < breadth; p += width) {
          const int w = std::min(width, breadth - p);
          if (!small_product(Op::none, height, w, depth, left + area(row, ld), ld, panel, w, k > 0 ? 1.0F : beta,
                             c + area(row, ldc) + col + p, ldc))
            return false;  // the first block already: nothing was written
          panel += area(depth, w);
        }
      }
    }
  }
  return true;
}

}  // namespace chronograd
