// SPDX-License-Identifier: Apache-2.0
#include "rows.hpp"

#include <pybind11/stl.h>

#include <utility>

#include "arrays.hpp"
#include "chronograd/error.hpp"
#include "chronograd/loss.hpp"
#include "chronograd/train.hpp"
#include "configuration.hpp"
#include "parts.hpp"

namespace chronograd::python {

std::shared_ptr<const Task> keeping(std::unique_ptr<Task> task, const py::object& objects) {
  const py::handle held = py::object(objects).release();
  return {task.release(), [held](const Task* old) {
            const py::gil_scoped_acquire gil;
            delete old;
            held.dec_ref();
          }};
}

namespace {

/// Arrays by the names that data files have: x, y, mask, lengths, reset, third, and first states.
RowsView view_of(const py::dict& arrays) {
  RowsView rows;
  for (const auto& [key, value] : arrays) {
    const std::string name = py::str(key);
    const ArrayView view = python::view_of(name, value);
    if (name == "x")
      rows.x = view;
    else if (name == "y")
      rows.y = view;
    else if (name == "mask")
      rows.mask = view;
    else if (name == "lengths")
      rows.lengths = view;
    else if (name == "reset")
      rows.reset = view;
    else if (name == "third")
      rows.third = view;
    else
      rows.states.emplace(name, view);
  }
  return rows;
}

/// Rows of arrays; `test` and `parameters` may be None.
Rows of_arrays(const Configuration& configuration, const py::dict& train, const py::object& test,
               const py::object& parameters) {
  const RowsView train_view = view_of(train);
  const RowsView test_view = test.is_none() ? RowsView{} : view_of(test.cast<py::dict>());
  const Arrays arrays = parameters.is_none() ? Arrays{} : to_arrays(parameters.cast<py::dict>());
  Rows rows;
  rows.given = true;
  rows.task = keeping(make_array_task(configuration.config, train_view, test.is_none() ? nullptr : &test_view,
                                      parameters.is_none() ? nullptr : &arrays, &rows.notes),
                      py::make_tuple(train, test));
  return rows;
}

/// Rows that the configuration names, or all of a file's.
Rows of_configuration(const Configuration& configuration, const std::string& file, const py::object& parameters) {
  const Arrays arrays = parameters.is_none() ? Arrays{} : to_arrays(parameters.cast<py::dict>());
  Rows rows;
  const py::gil_scoped_release others;
  rows.task = make_task(configuration.config, file, parameters.is_none() ? nullptr : &arrays, &rows.notes);
  return rows;
}

bool takes_classes(const Configuration& configuration) {
  return find_record<LossRecord>("loss.name", configuration.config.table("loss").word("name")).takes_classes;
}

}  // namespace

void add_rows(py::module_& module) {
  py::class_<Rows>(module, "Rows").def_readonly("notes", &Rows::notes).def_readonly("given", &Rows::given);
  module.def("rows_of_arrays", of_arrays);
  module.def("rows_of_configuration", of_configuration);
  module.def("takes_classes", takes_classes);
}

}  // namespace chronograd::python
