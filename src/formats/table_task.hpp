// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chronograd/format.hpp"
#include "formats/missing.hpp"
#include "formats/table.hpp"

namespace chronograd {

/// How a table becomes rows.
struct TableCut {
  std::size_t predict = 0;  ///< the target of a step is the target column so many lines later in its stream
  std::size_t window = 0;   ///< steps of a row; 0: a row is a whole stream
  std::size_t stride = 0;   ///< from one row's first step to the next one's; 0: the window
  std::size_t season = 0;   ///< steps; 0: none. Adds the forecast of a season ago to the references
  double test_part = 0;     ///< share of each stream, at its end, that is kept for testing
  double validation = 0;    ///< share of what is left that is held out: at its end, or of lines that are rows any
  Missing missing = Missing::refuse;
  bool scale_inputs = false, scale_targets = false;  ///< (value - mean) / standard deviation of the training part
};

/// The settings of [data] that say it, for the option tables of formats; what TableCut's members are.
constexpr std::array table_options = {
    Option{.key = "predict",
           .type = OptionType::integer,
           .fallback = "0",
           .low = 0,
           .high = 1e9,
           .unit = "steps",
           .help = "a step's target is what the target columns hold so many lines later in its stream"},
    Option{.key = "window",
           .type = OptionType::integer,
           .fallback = "0",
           .low = 0,
           .high = 1e9,
           .unit = "steps",
           .help = "streams are cut into rows of so many steps; 0: a row is a whole stream"},
    Option{.key = "stride",
           .type = OptionType::integer,
           .fallback = "0",
           .low = 0,
           .high = 1e9,
           .unit = "steps",
           .help = "distance of the first steps of two rows; 0: the window"},
    Option{.key = "test_part",
           .type = OptionType::number,
           .fallback = "0.0",
           .low = 0,
           .high = 0.9,
           .help = "share of each stream, at its end, that is for testing"},
    Option{.key = "standardize",
           .type = OptionType::word,
           .fallback = "\"none\"",
           .help = "subtract the mean and divide by the standard deviation of the training part, column by column; "
                   "all: the targets too",
           .choices = "none|inputs|all"},
    Option{.key = "season",
           .type = OptionType::integer,
           .fallback = "0",
           .low = 0,
           .high = 1e9,
           .unit = "steps",
           .help = "adds the forecast of so many steps ago to the values that losses are compared with; 0: none"},
    missing_option,
};
/// Reads them. Throws Error (usage) for those that contradict each other.
TableCut table_cut(const Options& data);

/// A format's own settings and those above, in one table.
template <std::size_t N>
constexpr auto with_table_options(const Option (&own)[N]) {
  std::array<Option, N + table_options.size()> all{};
  for (std::size_t k = 0; k < N; ++k) all[k] = own[k];
  for (std::size_t k = 0; k < table_options.size(); ++k) all[N + k] = table_options[k];
  return all;
}

/// A table and the files that it was read from.
struct TableFile {
  std::string name;  ///< of the file, for messages
  Table table;
  std::vector<std::string> files;
  std::size_t steps = 0;  ///< a line is a whole row of so many steps, its target at the last; 0: a line is a step
  Arrays mapping = {};    ///< what the reader found out, for Task::mapping()
};

/// Rows from tables: gaps are treated, numbers scaled, references computed. The classes are those that the training
/// rows are asked for where they count. Scales and names of classes in needs.mapping stand for those. Throws Error
/// (data) for streams that are too short for one row, targets that the loss is not defined for, classes that only test
/// rows have, and parameters with another number of outputs.
std::unique_ptr<Task> make_table_task(TableFile train, std::optional<TableFile> test, const TableCut& cut,
                                      const FileNeeds& needs, std::vector<std::string>* notes);

}  // namespace chronograd
