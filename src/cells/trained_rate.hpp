// SPDX-License-Identifier: Apache-2.0
// A trained update rate of the leaky cells: one more pre-activation a unit, whose only regressor is the constant 1 and
// which the unit reads as alpha = 1/(1 + exp(-a)). tau = dt/alpha is the same parameter.
#pragma once

#include <cstddef>

#include "chronograd/cell.hpp"

namespace chronograd {
namespace {

/// Adds the pre-activation after all others, and its parameter alpha_logit (d).
inline void add_trained_rate(int d, CellLayout& out) {
  const Block& last = out.blocks[out.block_count - 1];
  const int row = last.row + last.rows, one = out.ones_at[0];
  out.blocks[out.block_count++] = {row, d, one, 1, last.begin + std::size_t(last.rows) * last.cols};
  out.parameters[out.parameter_count++] = {
      "alpha_logit", d, 0, CellLayout::Parameter::bias, {Start::rate_logit, 1}, {{0, 0, d, 1, row, one}}, 1};
}

/// The record of a cell whose constant alpha has become that parameter.
constexpr CellRecord trained_record(CellRecord record, int gates, int tape, decltype(CellRecord::layout) layout,
                                    CellKernels<float> kernels_float, CellKernels<double> kernels_double) {
  record.gates = gates;
  record.tape = tape;
  record.layout = layout;
  record.kernels_float = kernels_float;
  record.kernels_double = kernels_double;
  record.constants[0] = nullptr;
  record.fill = nullptr;
  return record;
}

constexpr CellRecord with_trained(CellRecord record, const CellRecord& trained) {
  record.trained = &trained;
  return record;
}

}  // namespace
}  // namespace chronograd
