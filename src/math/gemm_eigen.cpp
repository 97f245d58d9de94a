// SPDX-License-Identifier: Apache-2.0
// Compiled once per instruction set. Eigen's functions are shared by the linker across object files, so the namespace
// gets another name for each set; otherwise an AVX-512 copy could be run where only SSE2 is allowed.
#define CHRONOGRAD_JOIN_AGAIN(a, b) a##b
#define CHRONOGRAD_JOIN(a, b) CHRONOGRAD_JOIN_AGAIN(a, b)
#define Eigen CHRONOGRAD_JOIN(Eigen_, CHRONOGRAD_ISA)
#define EIGEN_MPL2_ONLY
#define EIGEN_NO_IO
#define EIGEN_DONT_PARALLELIZE
// Eigen's loops for tiny products peel for alignment, which would make last bits depend on addresses: never use them.
#define EIGEN_GEMM_TO_COEFFBASED_THRESHOLD 1
// Blocks of factors are packed on the stack up to this size, not on the heap: two of them, of the 8 MiB that a thread
// has.
#define EIGEN_STACK_ALLOCATION_LIMIT (1 << 20)

// g++ 12 sees the intrinsics' own undefined operands once they are inlined here.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <Eigen/Core>

#include "math/gemm_parts.hpp"
#include "math/transpose.hpp"

namespace chronograd::CHRONOGRAD_ISA {
namespace {

using Stride = Eigen::OuterStride<>;
template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T>
void product(Op op_a, Op op_b, int rows, int cols, int inner, const T* a, int lda, const T* b, int ldb, T beta, T* c,
             int ldc) {
  // Fixed, since the processor's own sizes would choose the order of additions.
  static const bool sized = (Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 8 << 20), true);
  static_cast<void>(sized);
  const bool turn_a = op_a == Op::transposed, turn_b = op_b == Op::transposed;
  const Eigen::Map<const Matrix<T>, 0, Stride> left(a, turn_a ? inner : rows, turn_a ? rows : inner, Stride(lda));
  const Eigen::Map<const Matrix<T>, 0, Stride> right(b, turn_b ? cols : inner, turn_b ? inner : cols, Stride(ldb));
  Eigen::Map<Matrix<T>, 0, Stride> sum(c, rows, cols, Stride(ldc));
  if (beta == T(0)) sum.setZero();
  if (turn_a && turn_b) {
    sum.noalias() += left.transpose() * right.transpose();
  } else if (turn_a) {
    sum.noalias() += left.transpose() * right;
  } else if (turn_b) {
    sum.noalias() += left * right.transpose();
  } else {
    sum.noalias() += left * right;
  }
}

}  // namespace

extern const GemmParts<float> gemm_float;
extern const GemmParts<double> gemm_double;
extern const int eigen_numbers[3];
constinit const GemmParts<float> gemm_float = {product<float>, transpose<float>};
constinit const GemmParts<double> gemm_double = {product<double>, transpose<double>};
constinit const int eigen_numbers[3] = {EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION};

}  // namespace chronograd::CHRONOGRAD_ISA
