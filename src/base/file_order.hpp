// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "chronograd/cell.hpp"

namespace chronograd {

/// Where the elements of a cell's parameters lie in theta: parameter after parameter of the layout, each in the C order
/// of its array in files.
template <class T>
std::vector<std::vector<std::size_t>> file_order(const Cell<T>& cell) {
  std::vector<std::vector<std::size_t>> all;
  const CellLayout& layout = cell.layout();
  for (int p = 0; p < layout.parameter_count; ++p) {
    const CellLayout::Parameter& parameter = layout.parameters[p];
    const auto cols = static_cast<std::size_t>(parameter.cols == 0 ? 1 : parameter.cols);
    std::vector<std::size_t>& places = all.emplace_back(static_cast<std::size_t>(parameter.rows) * cols);
    for (int k = 0; k < parameter.piece_count; ++k) {
      const Piece& piece = parameter.pieces[k];
      for (int i = 0; i < piece.rows; ++i)
        for (int j = 0; j < piece.cols; ++j)
          places[static_cast<std::size_t>(piece.file_row + i) * cols + static_cast<std::size_t>(piece.file_col + j)] =
              cell.index(piece.row + i, piece.col + j);
    }
  }
  return all;
}

}  // namespace chronograd
