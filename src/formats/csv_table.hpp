// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/csv_columns.hpp"
#include "formats/table.hpp"

namespace chronograd {

/// Reads a CSV file that lies in memory, plain or gzipped: the chosen columns of all lines, streams in the order of
/// their first lines, classes numbered in numerical order where all their names are numbers, else alphabetically.
/// `places` are the columns of the training file, to be found again; without names they are found, and returned.
/// Throws Error (data), which names line and column: what CsvReader refuses, no line, a header of numbers alone unless
/// columns.header_is_sure, what find_columns refuses, lines with more or fewer cells than the first, cells that are no
/// finite numbers, negative weights, gaps in a third factor. Remarks about the columns go to `*notes`, which may be
/// null.
Table read_csv_table(std::string_view bytes, const std::string& where, const CsvColumns& columns, CsvPlaces& places,
                     std::vector<std::string>* notes = nullptr);

}  // namespace chronograd
