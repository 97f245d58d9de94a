// SPDX-License-Identifier: Apache-2.0
#include "math/gemm_parts.hpp"

#include <string>

#include "math/kernel_tables.hpp"

// gemm_eigen.cpp defines these, once per instruction set.
#define CHRONOGRAD_PARTS(set)                 \
  namespace chronograd::set {                 \
  extern const GemmParts<float> gemm_float;   \
  extern const GemmParts<double> gemm_double; \
  extern const int eigen_numbers[3];          \
  }
CHRONOGRAD_PARTS(baseline)
#ifdef CHRONOGRAD_X86_SETS
CHRONOGRAD_PARTS(avx2)
CHRONOGRAD_PARTS(avx512)
#endif

namespace chronograd {

template <>
const GemmParts<float>* gemm_parts_of<float>(Isa isa) {
  if (!has_isa(isa)) return nullptr;
#ifdef CHRONOGRAD_X86_SETS
  if (isa == Isa::avx512) return &avx512::gemm_float;
  if (isa == Isa::avx2) return &avx2::gemm_float;
#endif
  return &baseline::gemm_float;
}

template <>
const GemmParts<double>* gemm_parts_of<double>(Isa isa) {
  if (!has_isa(isa)) return nullptr;
#ifdef CHRONOGRAD_X86_SETS
  if (isa == Isa::avx512) return &avx512::gemm_double;
  if (isa == Isa::avx2) return &avx2::gemm_double;
#endif
  return &baseline::gemm_double;
}

const char* eigen_version() {
  static const std::string text = [] {
    const int* n = baseline::eigen_numbers;
    return "Eigen " + std::to_string(n[0]) + "." + std::to_string(n[1]) + "." + std::to_string(n[2]);
  }();
  return text.c_str();
}

}  // namespace chronograd
