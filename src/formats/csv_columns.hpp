// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace chronograd {

/// Which columns of a CSV file mean what. A column is named as in the header, or by its number from 1.
struct CsvColumns {
  char separator = ',';
  bool header = true;
  bool header_is_sure = false;       ///< the user says that there is one: columns may be named by numbers
  std::vector<std::string> inputs;   ///< empty: all but the others
  std::vector<std::string> targets;  ///< empty: the inputs (`inputs_are_targets`), or none
  bool inputs_are_targets = false;
  std::string stream;              ///< the column whose cells tell streams apart; "": all lines are one stream
  std::string weight;              ///< the column of the steps' weights; "": all count the same
  std::vector<std::string> third;  ///< columns of the third factor; empty: there is none
  bool classes = false;            ///< the one target column holds names of classes
  bool refuse_gaps = true;  ///< empty cells and NaN are errors; else they are NaN in the table, and -1 for a class
};

/// The columns of one file by place, from 0.
struct CsvPlaces {
  std::vector<std::string> names;  ///< of all columns; without a header their numbers from 1
  std::vector<std::size_t> inputs, targets, third;
  std::optional<std::size_t> stream, weight;

  /// `column 2 ("speed")`; without a header, `column 2`.
  std::string text(std::size_t column) const;
};

/// The columns that the user's words mean in a file whose columns have these names. `where` is the place of the names.
/// Throws Error (data) for a name that is not there or there twice, no input, no target, and a weight or third factor
/// that is another column too. A word that is the name of one column and the number of another gets a remark in
/// `*notes` (may be null): the name counts.
CsvPlaces find_columns(std::vector<std::string> names, const CsvColumns& columns, const std::string& where,
                       std::vector<std::string>* notes);

/// The same columns in a test file, which needs no third factor: by place if all its columns have the same names, else
/// by their names. Throws Error (data) for one that is not there or there twice.
CsvPlaces same_columns(std::vector<std::string> names, const CsvPlaces& like, const std::string& where);

}  // namespace chronograd
