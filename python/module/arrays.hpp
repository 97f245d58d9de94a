// SPDX-License-Identifier: Apache-2.0
// NumPy's arrays and the library's.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>

#include "chronograd/array.hpp"
#include "chronograd/data.hpp"

namespace chronograd::python {

namespace py = pybind11;

/// The numbers of an array, in place, at whatever distances they have. Throws Error (data) for an object that is no
/// array of float32, float64, int32, int64, uint8 or bool in the machine's byte order; `name` stands in messages. The
/// array must outlive the view.
ArrayView view_of(const std::string& name, const py::handle& object);

/// A copy; arrays of bool become those of bytes.
Array to_array(const std::string& name, const py::handle& object);
Arrays to_arrays(const py::dict& arrays);

/// The numbers move into the new array, which owns them.
py::array to_numpy(Array&& array);
py::dict to_dict(Arrays&& arrays);

/// An array that shows somebody else's numbers, read-only; `owner` keeps them.
template <class T>
py::array shown(const T* data, const std::vector<py::ssize_t>& shape, const py::handle& owner) {
  py::array_t<T> array(shape, data, owner);
  py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  return array;
}

}  // namespace chronograd::python
