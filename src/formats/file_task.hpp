// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/format.hpp"
#include "formats/file_rows.hpp"

namespace chronograd {

/// Rows from arrays: x (B,T,n), y (B,T,m) or integer classes (B,T), optional mask (B,T), lengths (B) (later steps have
/// weight 0), reset (B,T), h0 and the cell's other states (B,d), of further layers h0_l1, ... (those not given are
/// zero); x (T,n) is one stream, and then the others lack the first axis too (mask, lengths, reset and states: may lack
/// it). Floating-point y (B,T) is one output where the loss takes no classes; integers (B,T,1) are classes where it
/// does. `test` may be null; its arrays are moved away. Both files have the same n, m and kind of target; each has its
/// own T. Without needs.outputs there are as many classes as the steps of training that count name.
///
/// Everything is checked here: a missing array, one with a meaning that is no numbers, shapes that do not fit (both are
/// named), no stream or step, infinity, numbers beyond needs.largest and, unless needs.missing says what to do about
/// it, NaN (where), classes out of range, targets that the loss is not defined for (distributions sum to 1), negative
/// masks. Targets under a mask of 0, and inputs after a row's length, may be anything. Throws Error (data). Notes
/// (null: none) name arrays that are not used and say how an array with an axis less or more was read.
std::unique_ptr<Task> make_file_task(Arrays train, const std::string& train_name, Arrays* test,
                                     const std::string& test_name, const FileNeeds& needs,
                                     std::vector<std::string>* notes);

/// The same of arrays that may be the caller's. The names are what messages call them, `files` is Task::files().
std::unique_ptr<Task> make_rows_task(RowArrays train, const std::string& train_name, RowArrays* test,
                                     const std::string& test_name, const FileNeeds& needs,
                                     std::vector<std::string> files, std::vector<std::string>* notes);

}  // namespace chronograd
