// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chronograd/array.hpp"
#include "chronograd/format.hpp"

namespace chronograd {

/// Rows from arrays: x (B,T,n), y (B,T,m) or integer classes (B,T), optional mask (B,T), reset (B,T), h0
/// and the cell's other states (B,d), of further layers h0_l1, ... (those not given are zero); x (T,n) is one stream,
/// and then the others lack the first axis too (mask, reset and states: may lack it). Floating-point y
/// (B,T) is one output, with a note, where the loss takes no classes. `test` may be null; its arrays are moved away.
/// Both files have the same T, n, m and kind of target.
///
/// Everything is checked here: a missing array, shapes that do not fit (both are named), no stream or step, infinity
/// and, unless needs.missing says what to do about it, NaN (where), classes out of range, targets that the loss is not
/// defined for, negative masks. Throws Error (data). Arrays that are not used are named in `*notes`, which may be null.
std::unique_ptr<Task> make_file_task(Arrays train, const std::string& train_name, Arrays* test,
                                     const std::string& test_name, const FileNeeds& needs,
                                     std::vector<std::string>* notes);

}  // namespace chronograd
