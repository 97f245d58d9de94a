// SPDX-License-Identifier: Apache-2.0
#include "files/state_arrays.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "chronograd/error.hpp"

namespace chronograd {
namespace {

constexpr const char* other_network = " This is the state of another network or program; give another --out.";

const char* name_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return "float32";
    case Dtype::f64:
      return "float64";
    case Dtype::i64:
      return "int64";
    default:
      return "bytes";
  }
}

}  // namespace

template <class T>
bool all_finite(std::span<const T> values) {
  // A sum is NaN or infinite as soon as one of its terms is; it cannot overflow in double from finite floats, and for
  // doubles an overflow to infinity is no result either.
  double sum = 0;
  for (T value : values) sum += std::fabs(static_cast<double>(value));
  return std::isfinite(sum);
}

template bool all_finite(std::span<const float>);
template bool all_finite(std::span<const double>);

void Saving::add(const std::string& name, Array array) {
  if (!to_.emplace(name, std::move(array)).second) throw std::logic_error("Saving: two arrays are called " + name);
}

void Saving::array(const std::string& name, std::span<float> values) {
  add(name, Array::of({values.size()}, std::vector<float>(values.begin(), values.end())));
}

void Saving::array(const std::string& name, std::span<double> values) {
  add(name, Array::of({values.size()}, std::vector<double>(values.begin(), values.end())));
}

void Saving::number(const std::string& name, std::int64_t& value) {
  add(name, Array::of({}, std::vector<std::int64_t>{value}));
}

const Array& Restoring::find(const std::string& name, Dtype dtype, std::size_t size) {
  const auto found = from_.find(name);
  if (found == from_.end()) throw Error(Exit::data, where_, "got no array " + name + "." + other_network);
  const Array& array = found->second;
  if (array.dtype != dtype || array.size() != size)
    throw Error(Exit::data, where_ + ": " + name,
                "got " + std::to_string(array.size()) + " numbers of " + name_of(array.dtype) + ", allowed are " +
                    std::to_string(size) + " of " + name_of(dtype) + "." + other_network);
  used_.insert(name);
  return array;
}

void Restoring::array(const std::string& name, std::span<float> values) {
  const Array& array = find(name, Dtype::f32, values.size());
  std::copy(array.f32.begin(), array.f32.end(), values.begin());
}

void Restoring::array(const std::string& name, std::span<double> values) {
  const Array& array = find(name, Dtype::f64, values.size());
  std::copy(array.f64.begin(), array.f64.end(), values.begin());
}

void Restoring::number(const std::string& name, std::int64_t& value) {
  value = find(name, Dtype::i64, 1).i64[0];
}

void Restoring::finish() const {
  for (const auto& [name, array] : from_)
    if (!used_.contains(name)) throw Error(Exit::data, where_, "got an array " + name + " too many." + other_network);
}

void FiniteCheck::array(const std::string&, std::span<float> values) {
  finite_ = finite_ && all_finite<float>(values);
}

void FiniteCheck::array(const std::string&, std::span<double> values) {
  finite_ = finite_ && all_finite<double>(values);
}

void FiniteCheck::array16(const std::string&, std::span<Bf16> values) {
  finite_ = finite_ && std::all_of(values.begin(), values.end(),
                                   [](Bf16 value) { return std::isfinite(static_cast<float>(value)); });
}

}  // namespace chronograd
