// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/format.hpp"
#include "formats/row_arrays.hpp"
#include "formats/row_numbers.hpp"

namespace chronograd {

/// Rows as they were read and checked. Under a mask of 0 y may hold anything, and so may x after a row's length.
struct FileRows {
  std::size_t B = 0, T = 0, n = 0, m = 0;
  RowNumbers x, y;                    ///< of width n; m, or 1 where they are classes
  bool classes = false;               ///< targets are classes
  std::vector<double> mask;           ///< [B][T]
  std::vector<std::int64_t> lengths;  ///< [B], or empty: all T
  std::vector<double> third;          ///< [B][T][q], 0 after a row's end; or empty
  std::vector<double> state;          ///< [B][N S d], or empty
  std::vector<std::uint8_t> reset;    ///< [B][T]
};

/// Reads and checks arrays as make_file_task() says. `file` is what messages call them, `source` is where needs.outputs
/// comes from.
FileRows read_file_rows(RowArrays arrays, const std::string& file, const FileNeeds& needs, const std::string& source,
                        std::vector<std::string>* notes);

}  // namespace chronograd
