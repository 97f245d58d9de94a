// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace chronograd {

/// Columns of numbers, a line a step: stream after stream, each in its order. NaN is a gap; a line of weight 0 has no
/// target, whatever stands there.
struct Table {
  std::vector<std::string> inputs, targets;  ///< names of the columns, n and m of them
  std::vector<std::string> thirds;           ///< of a third factor's, q of them; none: there is none
  std::vector<double> x;                     ///< [lines][n]
  std::vector<double> y;                     ///< [lines][m]; empty with classes
  std::vector<double> third;                 ///< [lines][q]
  std::vector<std::int32_t> classes;         ///< [lines], -1 is a gap
  std::vector<std::string> class_names;      ///< by number
  bool numbered = false;                     ///< output k is class k, whichever occur; else those that occur have one
  std::vector<double> weights;               ///< [lines] of what a line has as a target, >= 0; empty: all 1
  std::vector<std::size_t> file_lines;       ///< [lines] where they stand in the file, from 1; empty for arrays
  std::vector<std::string> streams;          ///< their names
  std::vector<std::size_t> starts;           ///< [streams + 1] first line of each stream, and the end
  std::size_t lines() const { return starts.back(); }
};

}  // namespace chronograd
