// SPDX-License-Identifier: Apache-2.0
#include "chronograd/array.hpp"

#include <utility>

#include "chronograd/error.hpp"
#include "files/shape.hpp"

namespace chronograd {
namespace {

void require_size(const Array& array, std::size_t got) {
  const auto wanted = product(array.shape);
  if (!wanted || *wanted != got)
    throw Error(
        Exit::data, "array",
        "got " + std::to_string(got) + " values, allowed is the product of the shape " + array.shape_text() + ".");
}

}  // namespace

std::optional<std::size_t> product(const std::vector<std::size_t>& shape, std::size_t item) {
  std::size_t size = item;
  bool empty = false;
  for (const std::size_t extent : shape) {
    empty = empty || extent == 0;
    if (extent != 0 && __builtin_mul_overflow(size, extent, &size)) return std::nullopt;
  }
  return empty ? 0 : size;
}

std::size_t Array::size() const {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  return size;
}

double Array::at(std::size_t index) const {
  switch (dtype) {
    case Dtype::f32:
      return static_cast<double>(f32.at(index));
    case Dtype::f64:
      return f64.at(index);
    case Dtype::i64:
      return static_cast<double>(i64.at(index));
    case Dtype::u8:
      return u8.at(index);
  }
  throw Error(Exit::data, "array", "got an unknown element type, allowed are f32, f64, i64 and u8.");
}

std::string Array::shape_text() const {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

Array Array::of(std::vector<std::size_t> shape, std::vector<float> values) {
  Array array;
  array.dtype = Dtype::f32;
  array.shape = std::move(shape);
  array.f32 = std::move(values);
  require_size(array, array.f32.size());
  return array;
}

Array Array::of(std::vector<std::size_t> shape, std::vector<double> values) {
  Array array;
  array.dtype = Dtype::f64;
  array.shape = std::move(shape);
  array.f64 = std::move(values);
  require_size(array, array.f64.size());
  return array;
}

Array Array::of(std::vector<std::size_t> shape, std::vector<std::int64_t> values) {
  Array array;
  array.dtype = Dtype::i64;
  array.shape = std::move(shape);
  array.i64 = std::move(values);
  require_size(array, array.i64.size());
  return array;
}

}  // namespace chronograd
