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

/// Arrays by the names that data files have: x, y, mask, lengths, reset, and first states.
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

/// The rows of a split as arrays: what a task looks like.
py::dict sample(const Rows& rows, const std::string& split_name, std::int64_t first, std::int64_t count,
                std::int64_t steps) {
  const Task& task = *rows.task;
  const Split split = split_name == "test" ? Split::test : Split::train;
  const std::int64_t all = task.rows(split), T = task.length(split);
  if (all < 0) throw Error(Exit::data, split_name, "this task has no such rows.");
  if (first < 0 || count < 1 || (all > 0 && first + count > all))
    throw Error(Exit::usage, "rows",
                "got " + std::to_string(count) + " from " + std::to_string(first) + " on, there are " +
                    (all > 0 ? std::to_string(all) : std::string("any")) + ".");
  if (steps < 0 || (T > 0 && steps > T) || (T == 0 && steps == 0))
    throw Error(Exit::usage, "steps",
                "got " + std::to_string(steps) + ", a row has " + (T > 0 ? std::to_string(T) : "no end") + ".");
  const auto B = static_cast<std::size_t>(count), K = static_cast<std::size_t>(steps == 0 ? T : steps);
  const auto n = static_cast<std::size_t>(task.inputs()), m = static_cast<std::size_t>(task.outputs());
  Arrays arrays;
  arrays.emplace("x", Array::of({B, K, n}, std::vector<double>(B * K * n)));
  arrays.emplace("y", Array::of({B, K, m}, std::vector<double>(B * K * m)));
  arrays.emplace("mask", Array::of({B, K}, std::vector<double>(B * K)));
  Array& reset = arrays["reset"];
  reset.dtype = Dtype::u8;
  reset.shape = {B, K};
  reset.u8.resize(B * K);
  {
    const py::gil_scoped_release others;
    for (std::size_t b = 0; b < B; ++b)
      task.read(split, first + static_cast<std::int64_t>(b), 0, static_cast<int>(K),
                {arrays["x"].f64.data() + b * K * n, arrays["y"].f64.data() + b * K * m,
                 arrays["mask"].f64.data() + b * K, reset.u8.data() + b * K});
  }
  return to_dict(std::move(arrays));
}

}  // namespace

void add_rows(py::module_& module) {
  py::class_<Rows>(module, "Rows")
      .def_readonly("notes", &Rows::notes)
      .def_readonly("given", &Rows::given)
      .def_property_readonly("inputs", [](const Rows& self) { return self.task->inputs(); })
      .def_property_readonly("outputs", [](const Rows& self) { return self.task->outputs(); })
      .def_property_readonly("summary", [](const Rows& self) { return self.task->summary(); })
      .def("sample", sample);
  module.def("rows_of_arrays", of_arrays);
  module.def("rows_of_configuration", of_configuration);
  module.def("takes_classes", takes_classes);
}

}  // namespace chronograd::python
