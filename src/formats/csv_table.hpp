// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

/// The chosen columns of all lines: stream after stream in the order of their first lines, each in the order of the
/// file.
struct CsvTable {
  std::vector<std::string> inputs, targets;  ///< names of the columns, n and m of them
  std::vector<double> x;                     ///< [lines][n]
  std::vector<double> y;                     ///< [lines][m]; empty with classes
  std::vector<std::int32_t> classes;         ///< [lines]
  std::vector<std::string> class_names;      ///< by number: in numerical order where all are numbers, else alphabetical
  std::vector<std::string> streams;          ///< what the column `stream` holds
  std::vector<std::size_t> starts;           ///< [streams + 1] first line of each stream, and the end
  std::size_t lines() const { return starts.back(); }
};

/// Reads a CSV file that lies in memory, plain or gzipped. `known_classes` (may be null) are the classes that there
/// are: any other is an error. Throws Error (data), which names line and column: what CsvReader refuses, no line, a
/// column that is not there or named twice, lines with more or fewer cells than the first, cells that are no finite
/// numbers.
CsvTable read_csv_table(std::string_view bytes, const std::string& where, const CsvColumns& columns,
                        const std::vector<std::string>* known_classes = nullptr);

}  // namespace chronograd
