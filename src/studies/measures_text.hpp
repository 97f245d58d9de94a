// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chronograd/measures.hpp"
#include "chronograd/task.hpp"

namespace chronograd {

/// The names of a task's classes, where it has them, else their numbers from 0.
std::vector<std::string> class_names(const Task& task);

/// A few words for a line, beginning with a comma: `, MAE 0.1203, R2 0.951`; "" for none.
std::string measures_words(const Measures& measures);
/// Tables: each output's MAE and R2 if there are several, or how often which class (rows) was taken for which
/// (columns). At most 20 outputs or classes; of more, the 20 worst outputs, or the 20 commonest mistakes.
std::string measures_table(const Measures& measures, const std::vector<std::string>& classes);

}  // namespace chronograd
