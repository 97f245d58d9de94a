// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/data.hpp"
#include "chronograd/format.hpp"
#include "formats/row_numbers.hpp"

namespace chronograd {

/// Arrays to be read as rows, by name.
struct RowArrays {
  std::map<std::string, ArrayView> views;
  std::map<std::string, std::string> refused = {};  ///< by name, what is no numbers and what to say of it
  std::shared_ptr<const void> owner = nullptr;      ///< of the numbers; null: the caller
};

RowArrays row_arrays(Arrays arrays);
RowArrays row_arrays(const RowsView& rows);

/// Rows as they were read and checked. Under a mask of 0 y may hold anything, and so may x after a row's length.
struct FileRows {
  std::size_t B = 0, T = 0, n = 0, m = 0;
  RowNumbers x, y;                    ///< of width n; m, or 1 where they are classes
  bool classes = false;               ///< targets are classes
  std::vector<double> mask;           ///< [B][T]
  std::vector<std::int64_t> lengths;  ///< [B], or empty: all T
  std::vector<double> state;          ///< [B][L S d], or empty
  std::vector<std::uint8_t> reset;    ///< [B][T]
};

/// Arrays beside inputs and targets that have a meaning for such a network: mask, lengths, reset, first states.
std::set<std::string> further_arrays(const FileNeeds& needs);

/// Reads and checks arrays as make_file_task() says. `file` is what messages call them, `source` is where needs.outputs
/// comes from.
FileRows read_file_rows(RowArrays arrays, const std::string& file, const FileNeeds& needs, const std::string& source,
                        std::vector<std::string>* notes);

}  // namespace chronograd
