// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/format.hpp"

namespace chronograd {

/// The rows of one file of arrays. What stands under a mask of 0 is 0 in y, and so is x after a row's length.
struct FileRows {
  std::size_t B = 0, T = 0, n = 0, m = 0;
  std::vector<double> x, y, mask;
  std::vector<double> state;          ///< [B][L S d], or empty
  std::vector<std::int64_t> classes;  ///< instead of y
  std::vector<std::uint8_t> reset;
};

/// Reads and checks the arrays of `file` as make_file_task() says. `source` is where needs.outputs comes from, for
/// messages.
FileRows read_file_rows(Arrays arrays, const std::string& file, const FileNeeds& needs, const std::string& source,
                        std::vector<std::string>* notes);

}  // namespace chronograd
