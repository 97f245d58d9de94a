// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/table.hpp"

namespace chronograd {

/// Which columns of a CSV file mean what. A column is named as in the header, or by its number from 1.
struct CsvColumns {
  char separator = ',';
  bool header = true;
  std::vector<std::string> inputs;   ///< empty: all but the others
  std::vector<std::string> targets;  ///< empty: the inputs (`inputs_are_targets`), or none
  bool inputs_are_targets = false;
  std::string stream;       ///< the column whose cells tell streams apart; "": all lines are one stream
  bool classes = false;     ///< the one target column holds names of classes
  bool refuse_gaps = true;  ///< empty cells and NaN are errors; else they are NaN in the table, and -1 for a class
};

/// Reads a CSV file that lies in memory, plain or gzipped: the chosen columns of all lines, streams in the order of
/// their first lines, classes numbered in numerical order where all their names are numbers, else alphabetically.
/// `known_classes` (may be null) are the classes that there are: any other is an error. Throws Error (data), which
/// names line and column: what CsvReader refuses, no line, a column that is not there or named twice, lines with more
/// or fewer cells than the first, cells that are no finite numbers.
Table read_csv_table(std::string_view bytes, const std::string& where, const CsvColumns& columns,
                     const std::vector<std::string>* known_classes = nullptr);

}  // namespace chronograd
