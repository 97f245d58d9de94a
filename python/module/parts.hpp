// SPDX-License-Identifier: Apache-2.0
// The parts of the extension, each of which adds its names to the module.
#pragma once

#include <pybind11/pybind11.h>

namespace chronograd::python {

namespace py = pybind11;

void add_configuration(py::module_& module);
void add_rows(py::module_& module);
void add_runs(py::module_& module);
void add_studies(py::module_& module);
void add_learners(py::module_& module);
void add_own_rules(py::module_& module);
void add_own_cells(py::module_& module);
void add_own_tasks(py::module_& module);
void add_own_losses(py::module_& module);

}  // namespace chronograd::python
