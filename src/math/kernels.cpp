// SPDX-License-Identifier: Apache-2.0
// Compiled once per instruction set; math/kernel_tables.cpp chooses among the tables.
#include "math/kernels.hpp"

#include "math/influence_kernels.hpp"
#include "math/matrix_kernels.hpp"
#include "math/vector_kernels.hpp"

namespace chronograd::CHRONOGRAD_ISA {
namespace {

template <class T>
constexpr Kernels<T> table() {
  Kernels<T> k{};
  k.lanes = lanes<T>;
  k.scale = scale<T>;
  k.add = add<T>;
  k.axpy = axpy<T>;
  k.axpy_pair = axpy_pair<T>;
  k.multiply = multiply<T>;
  k.multiply_add = multiply_add<T>;
  k.dot = dot<T>;
  k.squared_norm = squared_norm<T>;
  k.gather = gather<T>;
  k.gather_add = gather_add<T>;
  k.keep = keep<T>;
  if constexpr (sizeof(T) == sizeof(float)) {
    k.widen = copy_as<Bf16, float>;
    k.narrow = copy_as<float, Bf16>;
    k.far_row_times = far_row_times<float, Bf16>;
  }
  k.row_times = row_times<T>;
  k.times_column = times_column<T>;
  k.outer_add = outer_add<T>;
  k.trace_step = trace_step<T>;
  k.trace_step_many = trace_step_many<T>;
  k.rank_one_step = rank_one_step<T>;
  k.trace_read = trace_read<T>;
  k.influence_step = influence_step<T>;
  k.sgd = sgd<T>;
  k.momentum = momentum<T>;
  k.rmsprop = rmsprop<T>;
  k.adam = adam<T>;
  return k;
}

}  // namespace

extern const Kernels<float> kernels_float;
extern const Kernels<double> kernels_double;
constinit const Kernels<float> kernels_float = table<float>();
constinit const Kernels<double> kernels_double = table<double>();

}  // namespace chronograd::CHRONOGRAD_ISA
