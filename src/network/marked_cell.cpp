// SPDX-License-Identifier: Apache-2.0
#include "network/marked_cell.hpp"

#include <algorithm>
#include <utility>

namespace chronograd {
namespace {

struct MarkedCell : CellRecord {
  std::shared_ptr<const CellRecord> plain;
  int marks = 0;
};

const MarkedCell& marked_of(const CellRecord& record) {
  return static_cast<const MarkedCell&>(record);
}

/// Marks lie behind every column that some block ends with, so that each block ends with marks. A block that others end
/// inside of has them more than once, which is the same charge once more.
void marked_layout(const CellRecord& record, int units, int inputs, CellLayout& out) {
  const MarkedCell& cell = marked_of(record);
  cell.plain->layout(*cell.plain, units, inputs, out);
  const CellLayout before = out;
  const auto moved = [&](int column) {
    int ends = 0;  // different ones, at this column or before
    for (int b = 0; b < before.block_count; ++b) {
      const int end = before.blocks[b].col + before.blocks[b].cols;
      const bool known = std::any_of(before.blocks, before.blocks + b,
                                     [&](const Block& other) { return other.col + other.cols == end; });
      ends += end <= column && !known;
    }
    return column + cell.marks * ends;
  };
  std::size_t begin = 0;
  for (int b = 0; b < out.block_count; ++b) {
    Block& block = out.blocks[b];
    const int end = moved(block.col + block.cols);
    block.col = moved(block.col);
    block.cols = end - block.col;
    block.begin = begin;
    begin += static_cast<std::size_t>(block.rows) * static_cast<std::size_t>(block.cols);
  }
  out.input_at = moved(out.input_at);
  for (int one = 0; one < out.ones; ++one) out.ones_at[one] = moved(out.ones_at[one]);
  out.columns = moved(out.columns);
  for (int p = 0; p < out.parameter_count; ++p)
    for (int k = 0; k < out.parameters[p].piece_count; ++k)
      out.parameters[p].pieces[k].col = moved(out.parameters[p].pieces[k].col);
}

void marked_fill(const CellRecord& record, const Options& model, int units, double* constants) {
  const CellRecord& plain = *marked_of(record).plain;
  plain.fill(plain, model, units, constants);
}

/// The plain cell's loops, which may look for what their own record brings.
template <class T, auto loop, class... More>
void marked_loop(const CellArgs<T>& args, More... more) {
  const CellRecord& plain = *marked_of(*args.record).plain;
  CellArgs<T> own = args;
  own.record = &plain;
  if constexpr (sizeof(T) == sizeof(float))
    (plain.kernels_float.*loop)(own, more...);
  else
    (plain.kernels_double.*loop)(own, more...);
}

template <class T>
constexpr CellKernels<T> marked_kernels = {
    .step = marked_loop<T, &CellKernels<T>::step>,
    .linearise = marked_loop<T, &CellKernels<T>::linearise>,
    .pull = marked_loop<T, &CellKernels<T>::pull>,
    .pull_many = marked_loop<T, &CellKernels<T>::pull_many>,
    .push = marked_loop<T, &CellKernels<T>::push>,
};

}  // namespace

std::shared_ptr<const CellRecord> marked_cell(const std::shared_ptr<const CellRecord>& plain, int marks) {
  auto cell = std::make_shared<MarkedCell>(MarkedCell{*plain, plain, marks});
  cell->layout = marked_layout;
  if (plain->fill) cell->fill = marked_fill;
  cell->kernels_float = marked_kernels<float>;
  cell->kernels_double = marked_kernels<double>;
  return cell;
}

}  // namespace chronograd
