// SPDX-License-Identifier: Apache-2.0
#include "arrays.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "chronograd/error.hpp"

namespace chronograd::python {
namespace {

ArrayView::Type type_of(const std::string& name, const py::array& array) {
  const py::dtype dtype = array.dtype();
  const char kind = dtype.kind();
  const auto size = dtype.itemsize();
  const char order = dtype.byteorder();
  if (order == '=' || order == '|') {
    if (kind == 'f' && size == 4) return ArrayView::Type::f32;
    if (kind == 'f' && size == 8) return ArrayView::Type::f64;
    if (kind == 'i' && size == 4) return ArrayView::Type::i32;
    if (kind == 'i' && size == 8) return ArrayView::Type::i64;
    if ((kind == 'u' || kind == 'b') && size == 1) return ArrayView::Type::u8;
  }
  throw Error(Exit::data, name,
              "got an array of " + std::string(py::str(py::handle(dtype))) +
                  ", allowed are float32, float64, int32, int64, uint8 and bool in the machine's byte order.");
}

/// A vector's numbers as an array that owns the vector.
template <class V>
py::array owned(std::vector<V>&& values, const std::vector<std::size_t>& shape) {
  auto held = std::make_unique<std::vector<V>>(std::move(values));
  V* const data = held->data();
  const py::capsule owner(held.release(), [](void* vector) { delete static_cast<std::vector<V>*>(vector); });
  return py::array_t<V>(std::vector<py::ssize_t>(shape.begin(), shape.end()), data, owner);
}

template <class V>
std::vector<V> copied(const ArrayView& view) {
  std::vector<V> values(view.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = view.is_integer() ? static_cast<V>(view.whole(i)) : static_cast<V>(view.at(i));
  return values;
}

}  // namespace

ArrayView view_of(const std::string& name, const py::handle& object) {
  if (!py::isinstance<py::array>(object))
    throw Error(Exit::data, name,
                "got " + std::string(py::str(py::handle(py::type::of(object)))) + ", allowed is an array.");
  const auto array = py::reinterpret_borrow<py::array>(object);
  ArrayView view;
  view.type = type_of(name, array);
  view.data = array.data();
  for (py::ssize_t axis = 0; axis < array.ndim(); ++axis) {
    view.shape.push_back(static_cast<std::size_t>(array.shape(axis)));
    view.stride.push_back(array.strides(axis));
  }
  return view;
}

Array to_array(const std::string& name, const py::handle& object) {
  const ArrayView view = view_of(name, object);
  switch (view.type) {
    case ArrayView::Type::f32:
      return Array::of(view.shape, copied<float>(view));
    case ArrayView::Type::f64:
      return Array::of(view.shape, copied<double>(view));
    case ArrayView::Type::u8: {
      Array array;
      array.dtype = Dtype::u8;
      array.shape = view.shape;
      array.u8 = copied<std::uint8_t>(view);
      return array;
    }
    default:
      return Array::of(view.shape, copied<std::int64_t>(view));
  }
}

Arrays to_arrays(const py::dict& arrays) {
  Arrays result;
  for (const auto& [key, value] : arrays) {
    const std::string name = py::str(key);
    result.emplace(name, to_array(name, value));
  }
  return result;
}

py::array to_numpy(Array&& array) {
  switch (array.dtype) {
    case Dtype::f32:
      return owned(std::move(array.f32), array.shape);
    case Dtype::f64:
      return owned(std::move(array.f64), array.shape);
    case Dtype::i64:
      return owned(std::move(array.i64), array.shape);
    default:
      return owned(std::move(array.u8), array.shape);
  }
}

py::dict to_dict(Arrays&& arrays) {
  py::dict result;
  for (auto& [name, array] : arrays) result[py::str(name)] = to_numpy(std::move(array));
  return result;
}

}  // namespace chronograd::python
