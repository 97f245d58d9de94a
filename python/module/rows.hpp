// SPDX-License-Identifier: Apache-2.0
// Rows to learn from, as Python has them.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <vector>

#include "chronograd/task.hpp"

namespace chronograd::python {

/// A task, and what was remarked when it was made.
struct Rows {
  std::shared_ptr<const Task> task;
  std::vector<std::string> notes;
  bool given = false;  ///< arrays of the caller; else what the configuration names
};

/// A task that keeps Python objects alive; they go with the GIL.
std::shared_ptr<const Task> keeping(std::unique_ptr<Task> task, const pybind11::object& objects);

}  // namespace chronograd::python
