// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/format.hpp"

namespace chronograd {

/// The rows of one file of arrays. What stands under a mask of 0 is 0 in y, and so is x after a row's length.
struct FileRows {
  std::size_t B = 0, T = 0, n = 0, m = 0;
  std::vector<double> x;              ///< [B][T][n]
  std::vector<double> y;              ///< [B][T][m]; empty with classes
  std::vector<double> mask;           ///< [B][T] weights >= 0
  std::vector<double> state;          ///< [B][L S d], or empty
  std::vector<std::int64_t> classes;  ///< [B][T] in [0, m), or empty
  std::vector<std::uint8_t> reset;    ///< [B][T] 0 or 1
};

/// Arrays beside inputs and targets that have a meaning for such a network: mask, lengths, reset, first states.
std::set<std::string> further_arrays(const FileNeeds& needs);

/// Reads and checks the arrays of `file` as make_file_task() says. `source` is where needs.outputs comes from, for
/// messages.
FileRows read_file_rows(Arrays arrays, const std::string& file, const FileNeeds& needs, const std::string& source,
                        std::vector<std::string>* notes);

}  // namespace chronograd
