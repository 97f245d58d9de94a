// SPDX-License-Identifier: Apache-2.0
#include "math/kernel_tables.hpp"

#include "math/work.hpp"

// kernels.cpp defines these, once per instruction set.
#define CHRONOGRAD_TABLES(set)                 \
  namespace chronograd::set {                  \
  extern const Kernels<float> kernels_float;   \
  extern const Kernels<double> kernels_double; \
  }
CHRONOGRAD_TABLES(baseline)
#ifdef CHRONOGRAD_X86_SETS
CHRONOGRAD_TABLES(avx2)
CHRONOGRAD_TABLES(avx512)
#endif

namespace chronograd {

template <>
const Kernels<float>* kernels_of<float>(Isa isa) {
  if (!has_isa(isa)) return nullptr;
#ifdef CHRONOGRAD_X86_SETS
  if (isa == Isa::avx512) return &avx512::kernels_float;
  if (isa == Isa::avx2) return &avx2::kernels_float;
#endif
  return &baseline::kernels_float;
}

template <>
const Kernels<double>* kernels_of<double>(Isa isa) {
  if (!has_isa(isa)) return nullptr;
#ifdef CHRONOGRAD_X86_SETS
  if (isa == Isa::avx512) return &avx512::kernels_double;
  if (isa == Isa::avx2) return &avx2::kernels_double;
#endif
  return &baseline::kernels_double;
}

template <>
const Kernels<float>& kernels<float>() {
  static const Kernels<float>& table = *kernels_of<float>(active_isa());
  return work::counting ? counting_kernels<float>() : table;
}

template <>
const Kernels<double>& kernels<double>() {
  static const Kernels<double>& table = *kernels_of<double>(active_isa());
  return work::counting ? counting_kernels<double>() : table;
}

}  // namespace chronograd
