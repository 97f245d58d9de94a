// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "chronograd/data.hpp"

namespace chronograd {
namespace {

std::size_t bytes_of(ArrayView::Type type) {
  switch (type) {
    case ArrayView::Type::f32:
    case ArrayView::Type::i32:
      return 4;
    case ArrayView::Type::u8:
      return 1;
    default:
      return 8;
  }
}

ArrayView plain(const void* data, ArrayView::Type type, std::vector<std::size_t> shape) {
  std::vector<std::ptrdiff_t> stride(shape.size());
  auto distance = static_cast<std::ptrdiff_t>(bytes_of(type));
  for (std::size_t axis = shape.size(); axis-- > 0; distance *= static_cast<std::ptrdiff_t>(shape[axis]))
    stride[axis] = distance;
  return {data, type, std::move(shape), std::move(stride)};
}

/// The element with the flat index.
const std::byte* place(const ArrayView& view, std::size_t index) {
  const auto* at = static_cast<const std::byte*>(view.data);
  for (std::size_t axis = view.shape.size(); axis-- > 0; index /= view.shape[axis])
    at += static_cast<std::ptrdiff_t>(index % view.shape[axis]) * view.stride[axis];
  return at;
}

template <class N>
N element(const std::byte* at) {
  return *reinterpret_cast<const N*>(at);
}

}  // namespace

ArrayView ArrayView::of(const float* data, std::vector<std::size_t> shape) {
  return plain(data, Type::f32, std::move(shape));
}
ArrayView ArrayView::of(const double* data, std::vector<std::size_t> shape) {
  return plain(data, Type::f64, std::move(shape));
}
ArrayView ArrayView::of(const std::int32_t* data, std::vector<std::size_t> shape) {
  return plain(data, Type::i32, std::move(shape));
}
ArrayView ArrayView::of(const std::int64_t* data, std::vector<std::size_t> shape) {
  return plain(data, Type::i64, std::move(shape));
}
ArrayView ArrayView::of(const std::uint8_t* data, std::vector<std::size_t> shape) {
  return plain(data, Type::u8, std::move(shape));
}

ArrayView ArrayView::of(const Array& array) {
  switch (array.dtype) {
    case Dtype::f32:
      return of(array.f32.data(), array.shape);
    case Dtype::i64:
      return of(array.i64.data(), array.shape);
    case Dtype::u8:
      return of(array.u8.data(), array.shape);
    default:
      return of(array.f64.data(), array.shape);
  }
}

std::size_t ArrayView::size() const {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  return size;
}

double ArrayView::at(std::size_t index) const {
  switch (type) {
    case Type::f32:
      return static_cast<double>(element<float>(place(*this, index)));
    case Type::f64:
      return element<double>(place(*this, index));
    default:
      return static_cast<double>(whole(index));
  }
}

std::int64_t ArrayView::whole(std::size_t index) const {
  switch (type) {
    case Type::i32:
      return element<std::int32_t>(place(*this, index));
    case Type::u8:
      return element<std::uint8_t>(place(*this, index));
    default:
      return element<std::int64_t>(place(*this, index));
  }
}

std::string ArrayView::shape_text() const {
  Array array;
  array.shape = shape;
  return array.shape_text();
}

}  // namespace chronograd
