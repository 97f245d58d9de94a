// SPDX-License-Identifier: Apache-2.0
// The extension: what chronograd/*.py is made of. Its names are the package's own matter.
#include <pybind11/pybind11.h>

#include <exception>
#include <utility>

#include "chronograd/error.hpp"
#include "parts.hpp"

namespace chronograd::python {
namespace {

/// The library's error as the module's: the same text, and the program's exit code as `code`.
void add_error(py::module_& module) {
  static py::handle type = py::exception<Error>(module, "Error", PyExc_ValueError).release();
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(std::move(pointer));
    } catch (const Error& error) {
      py::object value = py::reinterpret_borrow<py::object>(type)(error.what());
      value.attr("code") = static_cast<int>(error.code());
      PyErr_SetObject(type.ptr(), value.ptr());
    }
  });
}

}  // namespace
}  // namespace chronograd::python

PYBIND11_MODULE(_chronograd, module) {
  using namespace chronograd::python;
  add_error(module);
  add_configuration(module);
  add_rows(module);
  add_runs(module);
  add_studies(module);
  add_learners(module);
  add_own_rules(module);
  add_own_cells(module);
  add_own_tasks(module);
  add_own_losses(module);
}
