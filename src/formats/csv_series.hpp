// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chronograd/format.hpp"
#include "formats/csv_table.hpp"

namespace chronograd {

/// How a table becomes rows.
struct CsvCut {
  std::size_t predict = 0;  ///< the target of a step is the target column so many lines later in its stream
  std::size_t window = 0;   ///< steps of a row; 0: a row is a whole stream
  std::size_t stride = 0;   ///< from one row's first step to the next one's; 0: the window
  std::size_t steps = 0;    ///< a line is a whole row of so many steps, its target at the last; 0: a line is a step
  std::size_t season = 0;   ///< steps; 0: none. Adds the forecast of a season ago to the references
  double test_part = 0;     ///< share of each stream, at its end, that is kept for testing
  Missing missing = Missing::refuse;
  bool scale_inputs = false, scale_targets = false;  ///< (value - mean) / standard deviation of the training part
};

/// A table and the file that it was read from.
struct CsvFile {
  std::string name;
  CsvTable table;
};

/// Rows from tables: gaps are treated, numbers scaled, references computed. Throws Error (data) for streams that are
/// too short for one row, targets that the loss is not defined for, and parameters with another number of outputs.
std::unique_ptr<Task> make_csv_task(CsvFile train, std::optional<CsvFile> test, const CsvCut& cut,
                                    const FileNeeds& needs, std::vector<std::string>* notes);

}  // namespace chronograd
