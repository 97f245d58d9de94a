// SPDX-License-Identifier: Apache-2.0
// A trained update rate of the leaky cells: one more pre-activation a unit, whose only regressor is the constant 1 and
// which the unit reads as alpha = 1/(1 + exp(-a)). tau = dt/alpha is the same parameter.
#pragma once

#include <cstddef>

#include "cells/activate.hpp"
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

template <auto layout>
void trained_layout(const CellRecord& record, int d, int n, CellLayout& out) {
  layout(record, d, n, out);
  add_trained_rate(d, out);
}

/// The record of a cell of this layout whose constant alpha has become that parameter; `Unit` is its unit then.
template <template <Activation> class Unit, auto layout>
constexpr CellRecord trained_record(CellRecord record) {
  record.gates = Unit<Activation::tanh>::gates;
  record.tape = Unit<Activation::tanh>::tape_size;
  record.layout = trained_layout<layout>;
  record.kernels_float = activated_kernels<Unit, float>();
  record.kernels_double = activated_kernels<Unit, double>();
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
