// SPDX-License-Identifier: Apache-2.0
// Entries that are written in Python: what their records point to.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <deque>
#include <string>
#include <vector>

#include "chronograd/catalogue.hpp"

namespace chronograd::python {

namespace py = pybind11;

template <class T>
using Plain = py::array_t<T, py::array::c_style | py::array::forcecast>;

/// The texts and settings of an own entry, and the Python object that does its work. It lives as long as the process:
/// lists, configurations and networks may hold the record at any time.
struct Own {
  /// `told`: name, title, text, formulae, symbols, cite, and options, a list of dicts with key, type, default (TOML),
  /// low, high, help. Throws Error (usage).
  Own(const py::dict& told, const py::object& object);

  const char* keep(const py::handle& value);
  /// A text of `told`, "" where it is absent.
  const char* text(const py::dict& told, const char* key);

  std::deque<std::string> texts;
  std::vector<Option> options;
  Entry entry;
  py::handle work;  ///< never released
};

py::dict values_of(const Options& options);

/// An array of this shape in C order; throws Error (usage) with `where` for what is none.
template <class T>
Plain<T> shaped(const std::string& where, const py::handle& value, const std::vector<py::ssize_t>& shape,
                const char* meaning);
extern template Plain<float> shaped(const std::string&, const py::handle&, const std::vector<py::ssize_t>&,
                                    const char*);
extern template Plain<double> shaped(const std::string&, const py::handle&, const std::vector<py::ssize_t>&,
                                     const char*);

/// In a destructor, which comes without the interpreter's lock and may come after its end: lets objects go.
template <class... Objects>
void let_go(Objects&... objects) noexcept {
  try {
    const py::gil_scoped_acquire gil;
    ((objects = py::object()), ...);
  } catch (...) {  // the interpreter that had them is gone
    (objects.release(), ...);
  }
}

/// Numbers of the library as an array of their own.
template <class T>
py::array_t<T> copy_of(const T* from, const std::vector<py::ssize_t>& shape) {
  return py::array_t<T>(shape, from);
}

}  // namespace chronograd::python
